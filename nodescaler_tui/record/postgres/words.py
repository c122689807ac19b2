"""What the server refuses, as a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.bounded import UNANSWERED

_INIT: Final = "holds no store of this program. Its owner runs `nodescaler-tui store init`"
_AGAIN: Final = "Nothing was written; try again"

_BY_STATE: Final = {
    "NS001": "{place}: {said}. Everything is shown, and nothing is written: upgrade this program",
    "NS002": "{place}: {said}. Its owner runs `nodescaler-tui store migrate`",
    "NS004": "{place}: {said}. Set it right",
    "NS005": "{place}: {said}",
    "NS006": "{place}: {said}",
    "23505": "{place}: somebody was first. The plan is approved already, or its group has an open operation",
    "25006": "{place} can only be read: it is a replica, or it was set to read-only. Name the primary to act",
    "25P03": "{place} ended a transaction in which nothing was said for too long. " + _AGAIN,
    "3F000": "{place} " + _INIT,
    "42501": "{place}: {said}. Who is to act must be a member of nodescaler_operator",
    "42883": "{place} " + _INIT,
    "42P01": "{place} " + _INIT,
    "53100": "The disk of {place} is full: nothing was written, and what was confirmed is still there. Make room",
    "55P03": "Another program has held the store at {place} for too long. " + _AGAIN,
    "57014": "{place} took too long to answer. " + _AGAIN,
    "57P01": "{place} is being shut down. " + _AGAIN,
}

_BY_TEXT: Final = {
    "unsupported startup parameter": (
        "{place} is a connection pooler that takes no options. Name the server itself, or a pooler in session mode "
        "that ignores the startup parameter options"
    ),
    "does not exist": "{place} cannot be used: {said}. Make it first, or name another",
    "password authentication failed": "{place} does not accept the password. Check the file that PGPASSFILE names",
    "no pg_hba.conf entry": "{place} does not let this user in from here. Its administrator decides that (pg_hba.conf)",
    "too many": "{place} has no free connection. " + _AGAIN,
    "starting up": "{place} is starting up. " + _AGAIN,
    "in recovery mode": "{place} has crashed and is starting up. " + _AGAIN,
    "not yet accepting connections": "{place} is starting up. " + _AGAIN,
    "shutting down": "{place} is being shut down. " + _AGAIN,
    UNANSWERED: "{place} took the question and gave no answer: it hangs, or the way there does. It is asked anew",
    "connection timeout expired": "The store at {place} cannot be reached: it took the connection and said nothing",
    "no password supplied": "{place} wants a password, and the file that PGPASSFILE names has none for it",
    "root certificate file": (
        "{place} cannot be verified without the certificate of its authority. Add ?sslrootcert=FILE to store.url, or "
        "?sslrootcert=system for one that this host trusts"
    ),
    "does not support SSL": "{place} offers no TLS, which every address but loopback needs",
}

_ADDRESS: Final = re.compile(r"^(connection (is bad|failed): )?connection to server (on socket|at) .*? failed: ")


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Turn what the driver raises into JournalUnavailable."""
    try:
        yield
    except psycopg.Error as error:
        raise JournalUnavailable(f"{_sentence(error, place)}.") from error


def _sentence(error: psycopg.Error, place: str) -> str:
    said = _said(error)
    sentence = _BY_STATE.get(error.sqlstate or "")
    if sentence is None and error.sqlstate is None:
        found = next((words for part, words in _BY_TEXT.items() if part in str(error)), None)
        sentence = found or "The store at {place} cannot be reached: {said}"
    return (sentence or "The store at {place} cannot be used: {said}").format(place=place, said=said)


def _said(error: psycopg.Error) -> str:
    """The server's own first line, or the driver's without the address that it repeats before it."""
    text = error.diag.message_primary or str(error).rpartition("FATAL:")[2] or type(error).__name__
    return _ADDRESS.sub("", text.strip().splitlines()[0]).rstrip(".")
