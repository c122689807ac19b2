"""The journal among real processes: several at once, killed ones, and disks that are full."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from nodescaler_tui.record.chain import verify_journal
from tests.record.conftest import draft
from tests.record.stores import Store

APPENDING = Path(__file__).with_name("appending.py")


def writer(place: str, *, count: int = 0, name: str = "ana", largest: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, str(APPENDING), place, str(count), name, str(largest)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_write_at_once_lose_nothing_and_keep_one_chain(store: Store) -> None:
    writers = [writer(store.place, count=40, name=name) for name in ("ana", "ben", "eve")]
    acknowledged = [int(line) for process in writers for line in process.communicate(timeout=60)[0].split()]
    journal = store.open()
    assert sorted(acknowledged) == list(range(2, 122))
    assert verify_journal(journal).intact
    assert Counter(event.operator for event in journal.read(after=1)) == {"ana@ana": 40, "ana@ben": 40, "ana@eve": 40}


def test_what_a_transaction_read_was_still_true_when_it_committed(store: Store) -> None:
    for process in [writer(store.place, count=30, name=name) for name in ("ana", "ben")]:
        process.communicate(timeout=60)
    for event in store.open_for_reading().read(after=1):
        assert event.fields["seen"] == event.seq - 1


def test_verifying_beside_a_writer_raises_no_false_alarm(store: Store) -> None:
    journal = store.open()
    with writer(store.place) as process:
        assert process.stdout is not None
        grown_to = int(process.stdout.readline()) + 20
        while (outcome := verify_journal(journal)).events < grown_to:
            assert outcome.intact
            assert process.poll() is None, "the writer must not end before the journal has grown"
        process.kill()
    assert outcome.intact


def test_every_acknowledged_event_outlives_a_kill_at_any_moment(store: Store) -> None:
    """The journal is opened again at once, by a reader first: it must undo what the dead writer left half done."""
    chance = random.Random(20260301)
    acknowledged = 1
    for _ in range(store.kills):
        with writer(store.place) as process:
            assert process.stdout is not None
            acknowledged = int(process.stdout.readline())
            time.sleep(chance.uniform(0, 0.02))
            process.kill()
            whole_lines = process.stdout.read().splitlines()[:-1]
            acknowledged = max([acknowledged, *map(int, whole_lines)])
        journal = store.open()
        assert journal.head().seq >= acknowledged
        assert verify_journal(journal).intact
    assert acknowledged > store.kills


def test_a_disk_that_is_full_refuses_in_words_and_loses_nothing(path: Path, store: Store) -> None:
    output, _ = writer(str(path), largest=64 * 1024).communicate(timeout=60)
    *acknowledged, refusal = output.splitlines()
    assert refusal.startswith("refused: ")
    assert "Check the disk's space" in refusal
    journal = store.open()
    assert journal.head().seq == int(acknowledged[-1]) > 20
    assert verify_journal(journal).intact
    with journal.transaction() as transaction:
        assert transaction.append(draft(1)).seq == int(acknowledged[-1]) + 1
