"""`nodescaler-tui collect`: on a server, poll Genesys Cloud for a whole team; nothing is shown or carried out."""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nodescaler_tui.display_text import display_text
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.headless.attaching import settings_to_watch
from nodescaler_tui.record.shared import needing_the_driver
from nodescaler_tui.settings import Settings, SettingsError
from nodescaler_tui.terminal import MISCONFIGURED, add_settings_options

if TYPE_CHECKING:
    from nodescaler_tui.engine.collecting import Collector

LONGEST_SENTENCE = 400
NO_STORE = (
    'There is nobody to poll for: no shared store is named. Set [store] url = "postgresql://host/database", or '
    "NODESCALER_STORE_URL."
)


def main(arguments: list[str]) -> int:
    """Until it is told to end; a line whenever somebody else polls from then on."""
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui collect", description="Poll for a team that shares a store, whenever nobody else does."
    )
    add_settings_options(parser)
    try:
        settings = settings_to_watch(parser.parse_args(arguments))
        if settings is None:
            return MISCONFIGURED
        collector = _collector(settings)
    except (JournalUnavailable, SettingsError) as error:
        sys.stderr.write(f"{display_text(str(error), LONGEST_SENTENCE)}\n")
        return MISCONFIGURED
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: collector.stop())
    collector.run()
    return 0


def _collector(settings: Settings) -> Collector:
    if not settings.store.url:
        raise SettingsError(NO_STORE)
    with needing_the_driver():
        from nodescaler_tui.engine.collecting import Collector  # noqa: PLC0415 - its driver is an extra
    return Collector(settings, _tell)


def _tell(sentence: str) -> None:
    sys.stdout.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {display_text(sentence, LONGEST_SENTENCE)}\n")
    sys.stdout.flush()
