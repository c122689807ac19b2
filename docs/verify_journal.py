"""Verify a journal of nodescaler-tui with nothing but Python's standard library.

    python docs/verify_journal.py journal.db|export.jsonl [SIZE:HASH]

Every event's hash is SHA-256 over the hash before it (32 bytes) and the event's canonical bytes. The first event is
chained to SHA-256("nodescaler-tui journal\\n" + its installation), so a journal belongs to one installation. SIZE:HASH is a
head that you know from elsewhere, such as the header X-Nodescaler-Audit-Head of an approved request.
"""

import hashlib
import json
import sqlite3
import sys


def rows(path):
    """Pairs of canonical bytes and stored hash, from the database or from an export as JSON lines."""
    with open(path, "rb") as file:
        if not file.read(15).startswith(b"SQLite format 3"):
            file.seek(0)
            for line in file:
                document = json.loads(line)
                yield document["event"].encode(), document["hash"]
            return
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    yield from connection.execute("SELECT CAST(bytes AS BLOB), CAST(hash AS TEXT) FROM event ORDER BY seq")


def verify(path, known=""):
    """How many events hold and the head they end at; SystemExit names the first that does not."""
    size, digest, seen = 0, "", {}
    for canonical, stored in rows(path):
        event = json.loads(canonical)
        if size == 0:
            if event["kind"] != "journal.opened":
                sys.exit("position 1: the beginning is missing")
            digest = hashlib.sha256(b"nodescaler-tui journal\n" + event["fields"]["installation"].encode()).hexdigest()
        size += 1
        digest = hashlib.sha256(bytes.fromhex(digest) + canonical).hexdigest()
        if digest != stored or event["seq"] != size:
            sys.exit(f"position {size}: edited, deleted, inserted or moved; nothing can be asserted from here on")
        seen[size] = digest
    wanted, _, expected = known.partition(":")
    if known and seen.get(int(wanted)) != expected:
        sys.exit(f"the head {known} is not in this journal: it was cut off, rolled back or written anew")
    return size, digest


if __name__ == "__main__":
    count, head = verify(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
    print(f"{count} events, each chained to the one before; head {count}:{head}")
