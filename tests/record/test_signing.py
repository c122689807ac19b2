"""Signed heads: made by one key, told apart from another key's, and never believed after a change."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.record.checkpoint import Checkpoint, against_checkpoint, origin_of, read_checkpoint
from nodescaler_tui.record.rows import Head
from nodescaler_tui.record.signing import SigningKey, UnusableKey, VerifyingKey
from nodescaler_tui.record.stored import StoredJournal
from nodescaler_tui.record.testimony import Disagreement
from nodescaler_tui.record.witness import Witness
from tests.record.conftest import NOON, Write, draft
from tests.record.stores import Store

# The example of the C2SP signed-note and tlog-checkpoint specifications.
SPEC_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SPEC_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
)
KEY = SigningKey(origin_of("ours"), bytes(range(32)))
OTHER = SigningKey(origin_of("ours"), bytes(32))
HASHES = {seq: f"{seq:064x}" for seq in range(1, 13)}
CHECKPOINT = Checkpoint(origin_of("ours"), Head(12, HASHES[12]))


def said(text: str, key: SigningKey = KEY, installation: str = "ours") -> Disagreement | None:
    against = against_checkpoint(text, key.verifying, installation, HASHES.get)
    return None if against is None else against.disagreement


def test_the_specifications_own_key_and_signature_hold() -> None:
    key = VerifyingKey.from_text(SPEC_KEY)
    text, encoded = SPEC_NOTE
    raw = base64.b64decode(encoded)
    assert raw[:4] == key.id
    assert key.holds(text.encode(), raw[4:])
    assert not key.holds(text.encode() + b"\n", raw[4:])
    assert key.text == SPEC_KEY


def test_a_checkpoint_has_the_layout_of_the_specification() -> None:
    lines = CHECKPOINT.signed(KEY).split("\n")
    assert lines[:2] == ["nodescaler-tui/ours", "12"]
    assert base64.b64decode(lines[2]).hex() == HASHES[12]
    assert lines[3] == ""
    assert lines[4].startswith("— nodescaler-tui/ours ")
    assert lines[5:] == [""]
    assert read_checkpoint(CHECKPOINT.signed(KEY)).checkpoint == CHECKPOINT


def test_an_honest_checkpoint_speaks_against_nothing() -> None:
    assert said(CHECKPOINT.signed(KEY)) is None


@pytest.mark.parametrize(
    ("checkpoint", "installation", "named"),
    [
        (Checkpoint(origin_of("ours"), Head(13, "ab" * 32)), "ours", Disagreement.ROLLED_BACK),
        (Checkpoint(origin_of("ours"), Head(12, "ab" * 32)), "ours", Disagreement.FORKED),
        (CHECKPOINT, "theirs", Disagreement.FOREIGN),
    ],
)
def test_each_disagreement_has_its_name(checkpoint: Checkpoint, installation: str, named: Disagreement) -> None:
    assert said(checkpoint.signed(KEY), installation=installation) is named


def test_another_key_of_the_same_name_is_a_wrong_key() -> None:
    assert said(CHECKPOINT.signed(OTHER)) is Disagreement.WRONG_KEY


def test_another_name_is_a_wrong_key() -> None:
    assert said(CHECKPOINT.signed(SigningKey("somebody", KEY.seed))) is Disagreement.WRONG_KEY


@given(st.integers(0, len(CHECKPOINT.text.encode()) - 1), st.integers(1, 255))
def test_no_byte_of_what_was_signed_can_be_changed(place: int, change: int) -> None:
    note = bytearray(CHECKPOINT.signed(KEY).encode())
    note[place] ^= change
    assert said(note.decode(errors="replace")) is not None


@given(st.integers(0, 63), st.integers(1, 255))
def test_no_byte_of_the_signature_can_be_changed(place: int, change: int) -> None:
    body, _, tail = CHECKPOINT.signed(KEY).rpartition(" ")
    raw = bytearray(base64.b64decode(tail))
    raw[4 + place] ^= change
    assert said(f"{body} {base64.b64encode(raw).decode()}\n") is Disagreement.BAD_SIGNATURE


@given(st.text())
def test_whatever_is_handed_over_is_judged_and_never_raises(text: str) -> None:
    assert said(text) is not None


def test_a_key_is_kept_for_its_owner_only_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.key"
    KEY.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey.read(path) == KEY
    assert KEY.seed.hex() not in repr(KEY)
    with pytest.raises(FileExistsError):
        OTHER.write(path)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    KEY.write(path)
    path.chmod(0o640)
    with pytest.raises(UnusableKey, match="chmod 600"):
        SigningKey.read(path)


@pytest.mark.parametrize("text", ["", "a key", "PRIVATE+KEY+", "PRIVATE+KEY+n+00000000+AAAA", "PRIVATE+KEY+n+0+é"])
def test_a_file_that_holds_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "signing.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(UnusableKey) as refused:
        SigningKey.read(path)
    assert not text or text not in str(refused.value).replace(str(path), "")


def test_a_public_key_whose_id_is_not_its_own_is_damaged() -> None:
    with pytest.raises(UnusableKey, match="damaged"):
        VerifyingKey.from_text(SPEC_KEY.replace("c74f20a3", "c74f20a4"))


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    with pytest.raises(UnusableKey, match=r"nodescaler-tui\[signing\]"):
        KEY.sign(b"")


def test_the_library_is_imported_only_where_a_key_is_used() -> None:
    script = "import sys; import nodescaler_tui.engine.assembly; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


@pytest.fixture
def signed(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "elsewhere" / "heads", KEY)


def test_each_witnessed_head_is_signed(store: Store, signed: Witness, tmp_path: Path) -> None:
    journal = store.open(clock=lambda: NOON, witness=signed)
    with journal.transaction() as transaction:
        transaction.append(draft(1))
    assert signed.against(journal.hash_at) is None
    public_half_only = Witness(tmp_path / "elsewhere" / "heads", verifying_key=KEY.verifying)
    assert public_half_only.against(journal.hash_at) is None


@pytest.mark.parametrize(("forger", "named"), [(None, Disagreement.UNSIGNED), (OTHER, Disagreement.WRONG_KEY)])
def test_a_witness_that_was_replaced_along_with_the_journal_is_found_by_whoever_has_the_key(
    journal: StoredJournal, write: Write, tmp_path: Path, forger: SigningKey | None, named: Disagreement
) -> None:
    write(2)
    Witness(tmp_path / "heads", forger).remember(journal.head())
    against = Witness(tmp_path / "heads", verifying_key=KEY.verifying).against(journal.hash_at)
    assert against is not None
    assert against.disagreement is named


def test_a_head_whose_signature_belongs_to_another_head_is_not_believed(
    journal: StoredJournal, write: Write, tmp_path: Path, signed: Witness
) -> None:
    write(2)
    heads = tmp_path / "elsewhere" / "heads"
    signed.remember(Head(1, journal.hash_at(1) or ""))
    seal = heads.read_text().split(" ")[1]
    heads.write_text(f"{journal.head().seq}:{journal.head().hash} {seal}")
    against = signed.against(journal.hash_at)
    assert against is not None
    assert against.disagreement is Disagreement.BAD_SIGNATURE


def test_a_line_that_a_crash_tore_before_its_signature_says_nothing(
    journal: StoredJournal, write: Write, tmp_path: Path, signed: Witness
) -> None:
    signed.remember(journal.head())
    write(1)
    with (tmp_path / "elsewhere" / "heads").open("a") as file:
        file.write(f"{journal.head().seq}:{journal.head().hash}")
    assert signed.against(journal.hash_at) is None
