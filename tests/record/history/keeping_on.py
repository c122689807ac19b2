"""A writer in a process of its own: stores polls one by one and says each number once it is acknowledged.

Arguments: the history's path or its store's URL, the first number, how many polls (0 for endlessly), and the largest
size in bytes that a file may grow to (0 for any).
"""

from __future__ import annotations

import itertools
import resource
import sys
from pathlib import Path

from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.stored import PollWriter
from tests.record.history.measured import NOON_S, poll, writer


def kept_at(place: str) -> PollWriter:
    if not place.startswith("postgresql://"):
        return writer(Path(place))
    from nodescaler_tui.record.postgres.connection import Sessions  # noqa: PLC0415 - the other needs no driver
    from nodescaler_tui.record.postgres.history import SharedHistoryWriter  # noqa: PLC0415 - as above

    return SharedHistoryWriter(Sessions(place), lambda _: None)


def main(place: str, first: str, count: str, largest: str) -> None:
    if int(largest):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), resource.RLIM_INFINITY))
    keeping = kept_at(place)
    for number in itertools.count(int(first)) if count == "0" else range(int(first), int(first) + int(count)):
        cpus = {f"g{group}": (number * 31 + group * 7) % 1000 / 1000 for group in range(150)}
        try:
            keeping.add(poll(NOON_S + 10 * number, cpus))
        except HistoryUnavailable as error:
            sys.stdout.write(f"refused: {error}\n")
        else:
            sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
