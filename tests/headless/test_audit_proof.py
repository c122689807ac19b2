"""`audit head`, `keygen` and `verify` with checkpoints: a head that can leave the machine, and what it proves later."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.headless.audit import main
from nodescaler_tui.record.signing import SigningKey
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.witness import Witness
from tests.record.conftest import draft

Captured = pytest.CaptureFixture[str]


class Store:
    """A journal with its witness, a signing key, and the command line that uses them."""

    def __init__(self, folder: Path, capsys: Captured) -> None:
        self.folder = folder
        self.path = folder / "journal.db"
        self.witness = folder / "witness" / "heads"
        self.key = folder / "signing.key"
        self._capsys = capsys
        self.write(3)

    def write(self, count: int) -> None:
        key = SigningKey.read(self.key) if self.key.exists() else None
        journal = SqliteJournal.open(self.path, version="1", witness=Witness(self.witness, key))
        for number in range(count):
            with journal.transaction() as transaction:
                transaction.append(draft(number))

    def run(self, *arguments: object) -> tuple[int, str]:
        before = ["--journal", str(self.path), "--witness", str(self.witness)]
        if self.key.exists():
            before += ["--signing-key", str(self.key)]
        code = main([*before, *map(str, arguments)])
        captured = self._capsys.readouterr()
        return code, captured.out + captured.err

    def checkpoint(self, name: str = "checkpoint") -> Path:
        code, text = self.run("head", "--signed")
        assert code == 0
        (self.folder / name).write_text(text)
        return self.folder / name

    def finding(self, *arguments: object) -> tuple[int, str | None]:
        code, text = self.run("verify", "--json", *arguments)
        flaw = json.loads(text)["flaw"]
        return code, None if flaw is None else flaw["finding"]


@pytest.fixture
def store(tmp_path: Path, capsys: Captured) -> Store:
    return Store(tmp_path, capsys)


@pytest.fixture
def keyed(store: Store) -> Store:
    assert store.run("keygen", "--out", store.key)[0] == 0
    return store


def test_the_head_is_one_line_for_a_ticket(store: Store) -> None:
    head = SqliteJournal(store.path).head()
    assert store.run("head") == (0, f"{head.seq}:{head.hash}\n")


def test_keygen_says_how_the_key_is_used_and_prints_only_its_public_half(store: Store) -> None:
    code, said = store.run("keygen", "--out", store.key)
    key = SigningKey.read(store.key)
    assert code == 0
    assert "[audit]" in said
    assert str(store.key) in said
    assert key.verifying.text in said
    assert store.key.read_text().strip().split("+", 4)[4] not in said


def test_keygen_overwrites_no_key(keyed: Store) -> None:
    before = keyed.key.read_bytes()
    code, said = keyed.run("keygen", "--out", keyed.key)
    assert (code, keyed.key.read_bytes()) == (2, before)
    assert "not overwritten" in said


def test_another_key_does_not_disturb_the_one_in_use_and_takes_over_with_a_reason(keyed: Store) -> None:
    code, said = keyed.run("keygen", "--out", keyed.folder / "next.key")
    assert code == 0
    assert "audit accept --reason" in said
    assert keyed.finding() == (0, None)
    keyed.key = keyed.folder / "next.key"
    assert keyed.finding() == (1, "wrong key")
    assert keyed.run("accept", "--reason", "keys are renewed every year")[0] == 0
    assert keyed.finding() == (0, None)


def test_signing_begins_without_a_doubt_and_goes_on(keyed: Store) -> None:
    assert keyed.finding() == (0, None)
    keyed.write(2)
    assert keyed.finding() == (0, None)


def test_a_checkpoint_holds_for_the_journal_that_went_on(keyed: Store) -> None:
    checkpoint = keyed.checkpoint()
    keyed.write(2)
    assert keyed.finding("--checkpoint", checkpoint) == (0, None)


def test_a_checkpoint_is_verified_with_the_public_key_alone(keyed: Store) -> None:
    checkpoint, public = keyed.checkpoint(), SigningKey.read(keyed.key).verifying.text
    (keyed.folder / "public").write_text(public)
    keyed.key.unlink()
    assert keyed.finding("--checkpoint", checkpoint, "--public-key", public) == (0, None)
    assert keyed.finding("--checkpoint", checkpoint, "--public-key", keyed.folder / "public") == (0, None)


def test_without_any_key_a_checkpoint_proves_nothing(keyed: Store) -> None:
    checkpoint = keyed.checkpoint()
    keyed.key.unlink()
    code, said = keyed.run("verify", "--checkpoint", checkpoint)
    assert code == 2
    assert "--public-key" in said


def test_an_old_copy_with_its_old_witness_is_found_by_a_checkpoint(keyed: Store) -> None:
    shutil.copytree(keyed.witness.parent, keyed.folder / "old-witness")
    shutil.copy(keyed.path, keyed.folder / "old.db")
    keyed.write(2)
    checkpoint = keyed.checkpoint()
    shutil.copy(keyed.folder / "old.db", keyed.path)
    shutil.copy(keyed.folder / "old-witness" / "heads", keyed.witness)
    assert keyed.finding() == (0, None)
    assert keyed.finding("--checkpoint", checkpoint) == (1, "rolled back")


def test_a_journal_that_was_written_anew_is_found_by_a_checkpoint(keyed: Store) -> None:
    checkpoint = keyed.checkpoint()
    keyed.path.unlink()
    keyed.witness.unlink()
    keyed.write(5)
    assert keyed.finding("--checkpoint", checkpoint) == (1, "foreign")


def test_two_that_wrote_on_from_one_copy_have_forked(keyed: Store) -> None:
    shutil.copy(keyed.path, keyed.folder / "copy.db")
    keyed.write(1)
    checkpoint = keyed.checkpoint()
    shutil.copy(keyed.folder / "copy.db", keyed.path)
    keyed.witness.unlink()
    with SqliteJournal(keyed.path).transaction() as transaction:
        transaction.append(draft(99))
    assert keyed.finding("--checkpoint", checkpoint) == (1, "forked")


def test_a_forged_checkpoint_is_a_bad_signature_and_another_keys_a_wrong_key(keyed: Store) -> None:
    checkpoint = keyed.checkpoint()
    text = checkpoint.read_text()
    checkpoint.write_text(text.replace("\n4\n", "\n3\n"))
    assert keyed.finding("--checkpoint", checkpoint) == (1, "bad signature")
    other = SigningKey(SigningKey.read(keyed.key).name, bytes(32)).verifying.text
    checkpoint.write_text(text)
    assert keyed.finding("--checkpoint", checkpoint, "--public-key", other)[1] == "wrong key"
    checkpoint.write_text("what is this?")
    assert keyed.finding("--checkpoint", checkpoint) == (1, "not a checkpoint")


def test_a_witness_without_the_keys_signature_stops_acting_until_it_is_accepted(keyed: Store) -> None:
    head = SqliteJournal(keyed.path).head()
    keyed.witness.write_text(f"{head.seq}:{head.hash}\n")
    assert keyed.finding() == (1, "unsigned")
    with pytest.raises(JournalUnavailable, match="not signed"):
        keyed.write(1)
    assert keyed.run("accept", "--reason", "a new machine")[0] == 0
    keyed.write(1)
    assert keyed.finding() == (0, None)


def test_an_export_is_verified_on_its_own_and_against_a_checkpoint(keyed: Store) -> None:
    export = keyed.folder / "export.jsonl"
    assert keyed.run("export", export)[0] == 0
    checkpoint = keyed.checkpoint()
    assert keyed.finding("--export", export, "--checkpoint", checkpoint) == (0, None)
    lines = export.read_text().splitlines(keepends=True)
    export.write_text("".join(lines[:-1]))
    assert keyed.finding("--export", export) == (0, None)
    assert keyed.finding("--export", export, "--checkpoint", checkpoint) == (1, "rolled back")


def test_a_public_key_that_is_no_text_is_one_sentence(keyed: Store) -> None:
    (keyed.folder / "public").write_bytes(b"\xff\xfe")
    code, said = keyed.run("verify", "--public-key", keyed.folder / "public")
    assert (code, said.count("\n")) == (2, 1)


def test_a_journal_that_was_named_is_verified_whatever_the_configuration_says(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store.folder / "config").mkdir()
    (store.folder / "config" / "config.toml").write_text("this is not TOML")
    monkeypatch.setenv("NODESCALER_CONFIG_DIR", str(store.folder / "config"))
    assert store.finding() == (0, None)


def test_for_a_journal_that_was_named_the_keys_file_is_named_too(store: Store) -> None:
    code, said = store.run("keygen")
    assert code == 2
    assert "--out" in said
