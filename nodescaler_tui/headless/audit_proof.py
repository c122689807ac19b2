"""The half of `nodescaler-tui audit` that proves: verify, head, keygen, accept."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from nodescaler_tui.display_text import display_text
from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.headless.audited_journal import audited_journal
from nodescaler_tui.identity import operator_name
from nodescaler_tui.record.chain import Verification, verify_journal
from nodescaler_tui.record.checkpoint import Checkpoint, against_checkpoint, origin_of
from nodescaler_tui.record.export import verify_export
from nodescaler_tui.record.shared import signed_at
from nodescaler_tui.record.signing import SigningKey, UnusableKey, VerifyingKey
from nodescaler_tui.record.testimony import Disagreement, Testimony
from nodescaler_tui.record.torn import interrupted_write
from nodescaler_tui.record.witness import Witness

OK: Final = 0
BROKEN: Final = 1
LONGEST_SENTENCE: Final = 1000

ANOTHER_KEY: Final = (
    "\nAnother key is in use, and signed the heads so far. After the change nothing can be approved until somebody has "
    "answered for it: `nodescaler-tui audit accept --reason WHY`.\n"
)

TORN: Final = (
    "Warning: torn last write. A crash interrupted it before it was confirmed; it has been undone, and nothing that "
    "was confirmed is lost."
)


def add_commands(commands: Any) -> dict[str, Callable[[argparse.Namespace], int]]:  # noqa: ANN401 - argparse's own type is private
    """Add these commands to the parser's, and say what carries each out. What they raise is the caller's to tell."""
    verified = commands.add_parser("verify", help="recompute every hash")
    verified.add_argument("--installation", default="", help="the installation that the journal must belong to")
    verified.add_argument("--head", default="", help="SIZE:HASH that you know from elsewhere, such as a receiver's log")
    verified.add_argument(
        "--checkpoint", type=Path, help="a signed head from elsewhere, as `audit head --signed` prints"
    )
    verified.add_argument("--public-key", default="", help="the key that must have signed: its line, or a file with it")
    verified.add_argument("--export", type=Path, help="verify this export as JSON lines instead of the journal")
    verified.add_argument("--json", action="store_true", help="one JSON document")
    head = commands.add_parser("head", help="the newest SIZE:HASH, for a ticket")
    head.add_argument("--signed", action="store_true", help="as a checkpoint, signed with the configured key")
    made = commands.add_parser("keygen", help="make a key that signs this journal's heads")
    made.add_argument("--out", type=Path, help="the key's file; signing.key in the configuration folder when left out")
    accepted = commands.add_parser("accept", help="act on this journal although another was witnessed")
    accepted.add_argument("--reason", required=True, help="why; it is kept in the journal")
    return {"verify": _verify, "head": _head, "keygen": _keygen, "accept": _accept}


def _verify(options: argparse.Namespace) -> int:
    torn = options.export is None and not options.store and interrupted_write(options.journal)
    outcome, against = _outcome(options)
    warnings = (*outcome.warnings, TORN) if torn else outcome.warnings
    said = outcome.sentences if against is None else (*outcome.sentences, against.sentence)
    intact = outcome.intact and against is None
    if options.json:
        document = {"intact": intact, "events": outcome.events, "head": outcome.head, "flaw": _flaw(outcome, against)}
        told = {**document, "sentences": said, "warnings": warnings}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        lines = (display_text(sentence, LONGEST_SENTENCE) for sentence in (*said, *warnings))
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return OK if intact else BROKEN


def _outcome(options: argparse.Namespace) -> tuple[Verification, Testimony | None]:
    """What the chain says of itself, and what those say who remember its heads: the first who disagrees."""
    if options.export is not None:
        outcome, hashes = verify_export(options.export, installation=options.installation)
        return outcome, _against(options, outcome, hashes.get, None)
    journal = audited_journal(options)
    outcome = verify_journal(journal, installation=options.installation)
    witness = Witness(options.witness, verifying_key=_trusted_key(options)) if options.witness else None
    return outcome, _against(options, outcome, journal.hash_at, witness)


def _against(
    options: argparse.Namespace,
    outcome: Verification,
    hash_at: Callable[[int], str | None],
    witness: Witness | None,
) -> Testimony | None:
    if options.head and not _holds(hash_at, options.head):
        return Testimony(Disagreement.FORKED, f"The head {options.head} is not in this journal.")
    if options.checkpoint is not None:
        against = _against_checkpoint(options, outcome, hash_at)
        if against is not None:
            return against
    return None if witness is None else witness.against(hash_at)


def _against_checkpoint(
    options: argparse.Namespace, outcome: Verification, hash_at: Callable[[int], str | None]
) -> Testimony | None:
    key = _trusted_key(options)
    if key is None:
        raise UnusableKey("A checkpoint proves nothing without the key that must have signed it: give --public-key.")
    try:
        text = options.checkpoint.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise JournalUnavailable(f"The checkpoint {options.checkpoint} cannot be read: {error}.") from error
    return against_checkpoint(text, key, outcome.installation, hash_at)


def _trusted_key(options: argparse.Namespace) -> VerifyingKey | None:
    """The key that was given, as its line or in a file; then the public half of the configured one; then none."""
    given = options.public_key
    if given:
        path = Path(given).expanduser()
        try:
            return VerifyingKey.from_text(path.read_text(encoding="utf-8") if path.is_file() else given)
        except (OSError, UnicodeDecodeError) as error:
            raise UnusableKey(f"The public key {path} cannot be read: {type(error).__name__}.") from error
    key = _signing_key(options)
    return None if key is None else key.verifying


def _signing_key(options: argparse.Namespace) -> SigningKey | None:
    return SigningKey.read(Path(options.signing_key).expanduser()) if options.signing_key else None


def _flaw(outcome: Verification, against: Testimony | None) -> dict[str, str | int] | None:
    if outcome.flaw is not None:
        return {"finding": outcome.flaw.finding.value, "seq": outcome.flaw.seq}
    return None if against is None else {"finding": against.disagreement.value, "seq": outcome.events}


def _holds(hash_at: Callable[[int], str | None], head: str) -> bool:
    size, _, digest = head.partition(":")
    return size.isdecimal() and len(size) < 19 and hash_at(int(size)) == digest


def _head(options: argparse.Namespace) -> int:
    journal = audited_journal(options)
    head = journal.head()
    if not options.signed:
        sys.stdout.write(f"{head.seq}:{head.hash}\n")
        return OK
    key = _signing_key(options)
    if key is None:
        raise UnusableKey("No signing key is configured. Make one with `nodescaler-tui audit keygen`.")
    sys.stdout.write(Checkpoint(origin_of(journal.installation()), head).signed(key))
    return OK


def _keygen(options: argparse.Namespace) -> int:
    """Make the key. Where none was in use, it signs the newest head at once, so that signing begins without a doubt."""
    journal = audited_journal(options)
    path = options.out or (options.key_folder and options.key_folder / "signing.key")
    if path is None:
        raise UnusableKey("For a journal of another store, name the key's file with --out.")
    key = SigningKey.generate(origin_of(journal.installation()))
    public = key.verifying.text
    try:
        key.write(path)
    except FileExistsError:
        raise UnusableKey(f"{path} is there already. It is not overwritten: name another file with --out.") from None
    except OSError as error:
        raise UnusableKey(f"The key cannot be written to {path}: {error.strerror}.") from error
    replaces = bool(options.signing_key)
    if options.witness is not None and not replaces:
        Witness(options.witness, key).remember(journal.head())
    sys.stdout.write(
        f"The signing key is in {path}. To use it, write into the configuration file:\n\n"
        f"[audit]\nsigning_key_file = {json.dumps(str(path))}\n\n"
        f"Give this public key to whoever is to verify:\n\n{public}\n"
    )
    if replaces:
        sys.stdout.write(ANOTHER_KEY)
    return OK


def _accept(options: argparse.Namespace) -> int:
    """Begin to witness anew, and say so in the journal itself."""
    journal = audited_journal(options)
    witness = Witness(options.witness or options.journal.with_name("heads"), _signing_key(options))
    last = witness.last()
    witnessed = "nothing" if last is None else f"{last.seq}:{last.hash}"
    fields = {"witnessed": witnessed, "reason": options.reason}
    operator = signed_at(options.store, operator_name()) if options.store else operator_name()
    with journal.transaction() as transaction:
        transaction.append(Draft(EventKind.JOURNAL_ACCEPTED, datetime.now(UTC), operator, fields=fields))
    witness.begin_anew(journal.head())
    sys.stdout.write("This journal is the right one from now on. The journal says so, too.\n")
    return OK
