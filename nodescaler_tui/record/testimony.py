"""What somebody who remembers a head can say against a journal, and how it is told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nodescaler_tui.record.rows import Head

OR_ACCEPT: Final = ", or accept this one with `nodescaler-tui audit accept --reason WHY`."


class Disagreement(StrEnum):
    """How a journal can differ from a head that was remembered of it, and how that head can fail to be believed."""

    ROLLED_BACK = "rolled back"
    FORKED = "forked"
    FOREIGN = "foreign"
    UNSIGNED = "unsigned"
    WRONG_KEY = "wrong key"
    BAD_SIGNATURE = "bad signature"
    NOT_A_CHECKPOINT = "not a checkpoint"


@dataclass(frozen=True, slots=True)
class Testimony:
    """What speaks against a journal, in a sentence that says what to do."""

    disagreement: Disagreement
    sentence: str


def testimony_of(remembered: Head, hash_at: Callable[[int], str | None]) -> Testimony | None:
    """What a remembered head says against a journal whose event at a position has this hash, None for no event."""
    found = hash_at(remembered.seq)
    if found == remembered.hash:
        return None
    if found is None:
        return Testimony(
            Disagreement.ROLLED_BACK,
            f"{remembered.seq} events were once confirmed, and the journal does not hold the last of them: its end "
            f"was cut off, or an old copy was put back. Restore the newest copy{OR_ACCEPT}",
        )
    return Testimony(
        Disagreement.FORKED,
        f"The event at position {remembered.seq} is not the one that was once confirmed: the journal was written "
        f"anew, or is another one. Restore the right copy{OR_ACCEPT}",
    )
