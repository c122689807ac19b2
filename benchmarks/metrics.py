"""What a scrape of the metrics costs: the CPU of one whole answer, as a scraper gets it, with everything forecast.

python -m benchmarks.metrics                 # 1,000 groups, a few seconds
python -m benchmarks.metrics --groups 100
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults

import msgspec
from prometheus_client import CollectorRegistry, make_wsgi_app

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.metrics import EngineCollector, Totals
from nodescaler_tui.engine.metrics_answer import metrics_app
from nodescaler_tui.outlook_state import OutlookState, SignalOutlook
from nodescaler_tui.state import GroupState
from tests.show.foreseen_states import FORESEEN_CPU, FORESEEN_GROUP, LIKELY
from tests.show.states import NOW, ago, fleet

ROUNDS: Final = 7
ACCEPTED: Final = "application/openmetrics-text; version=1.0.0"


def group(number: int, chance: random.Random) -> GroupState:
    """A group whose three signals are forecast, with numbers as long as those of a real forecast."""

    def shares(count: int) -> tuple[float, ...]:
        return tuple(chance.random() for _ in range(count))

    def outlook(signal: SignalName) -> SignalOutlook:
        warning, critical = (msgspec.structs.replace(LIKELY, within=shares(len(LIKELY.within))) for _ in range(2))
        expected = shares(len(FORESEEN_CPU.expected))
        return msgspec.structs.replace(
            FORESEEN_CPU, signal=signal, expected=expected, warning=warning, critical=critical
        )

    return msgspec.structs.replace(
        FORESEEN_GROUP,
        id=str(uuid.UUID(int=chance.getrandbits(128))),
        name=f"media-eu-prod-{number:04}",
        signals=tuple(
            msgspec.structs.replace(signal, value=chance.random(), worst=chance.random())
            for signal in FORESEEN_GROUP.signals
        ),
        outlook=OutlookState(ago(40), NOW, tuple(outlook(signal) for signal in SignalName)),
    )


def answer(app: WSGIApplication, encoding: str) -> bytes:
    """One answer, without the network."""
    environ: dict[str, Any] = {"HTTP_ACCEPT": ACCEPTED, "HTTP_ACCEPT_ENCODING": encoding}
    setup_testing_defaults(environ)
    return b"".join(app(environ, lambda *_: lambda _: None))


def cpu_s(act: Callable[[], object]) -> float:
    """The median CPU of some rounds, after one that is not counted."""
    act()
    taken = []
    for _ in range(ROUNDS):
        before = time.process_time()
        act()
        taken.append(time.process_time() - before)
    return statistics.median(taken)


def main() -> None:
    """Print one line for each way to answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=1000)
    options = parser.parse_args()
    chance = random.Random(1)
    state = fleet(*(group(number, chance) for number in range(options.groups)))
    registry = CollectorRegistry()
    registry.register(EngineCollector(lambda: state, lambda: Totals(7, 42), lambda: NOW))
    apps = {"this program": metrics_app(registry), "prometheus_client": make_wsgi_app(registry)}
    text = answer(apps["this program"], "")
    if text != answer(apps["prometheus_client"], ""):
        raise SystemExit("The two do not answer the same.")
    samples = sum(1 for line in text.splitlines() if not line.startswith(b"#"))
    print(f"{options.groups} groups: {samples:,} samples, {len(text) / 1e6:.2f} MB")
    for name, app in apps.items():
        for encoding in ("", "gzip"):
            size, taken = len(answer(app, encoding)), cpu_s(partial(answer, app, encoding))
            print(f"{name:18} {encoding or 'plain':6} {size / 1e6:6.2f} MB  {taken:6.3f} s of CPU")


if __name__ == "__main__":
    main()
