"""A provider on loopback, in a process of its own, that counts deliveries, keys and effects, and can be unreliable."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final
from urllib.request import urlopen

NODES: Final = 10
SCALE: Final = "/scale"


@dataclass
class Book:
    """What reached the provider of one trial, and what it did."""

    kind: str
    flaky: float
    seed: int
    nodes: int = NODES
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _books(self) -> dict[str, Book]:
        books: dict[str, Book] = self.server.books  # type: ignore[attr-defined]
        return books

    def do_GET(self) -> None:
        """The trial's book, as JSON."""
        book = self._books[self.path.split("/")[1]]
        self._answer(200, {"nodes": book.nodes, "deliveries": book.deliveries})

    def do_PUT(self) -> None:
        """Open a trial's book."""
        length = int(self.headers["Content-Length"])
        self._books[self.path.split("/")[1]] = Book(**json.loads(self.rfile.read(length)))
        self._answer(200, {})

    def do_POST(self) -> None:
        """A delivery: sometimes dropped before or after acting, sometimes refused for a moment."""
        book = self._books[self.path.split("/")[1]]
        received = self.rfile.read(int(self.headers["Content-Length"]))
        if hashlib.sha256(received).hexdigest() != self.headers["X-Payload-SHA256"]:
            return  # the sender died in the middle of its request; a receiver refuses what came of it
        body = received.decode()
        chance = random.Random(f"{book.seed} {len(book.deliveries)}").random()
        if chance < book.flaky * 0.4:
            self._note(book, body, 0)
            self._answer(503, {"status": "busy"}, retry_after="0")
            return
        added = self._act(book, body)
        self._note(book, body, added)
        if chance < book.flaky:
            self.close_connection = True
            self.connection.close()
            return
        self._answer(200, {"status": "accepted"})

    def _act(self, book: Book, body: str) -> int:
        key, payload = self.headers.get("Idempotency-Key", ""), json.loads(body)
        if book.kind == "deduplicates" and key in book.seen:
            return 0
        book.seen[key] = body
        wanted = payload["requested_nodes"] - (book.nodes if book.kind == "absolute" else payload["current_nodes"])
        book.nodes += max(wanted, 0)
        return int(max(wanted, 0))

    def _note(self, book: Book, body: str, added: int) -> None:
        attempt = int(self.headers.get("X-Nodescaler-Attempt", "0"))
        key = self.headers.get("Idempotency-Key", "")
        book.deliveries.append({"key": key, "attempt": attempt, "body": body, "added": added, "at": time.time()})

    def _answer(self, status: int, document: dict[str, Any], retry_after: str = "") -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing; a dropped connection is what was meant."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A client that was killed in the middle of a request is what this is for."""


def _serve(announce: Connection) -> None:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.books = {}  # type: ignore[attr-defined]
    announce.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def counting_provider() -> Iterator[str]:
    """Its address, for as long as the context lasts."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()


def book_of(address: str, trial: str) -> dict[str, Any]:
    """What reached the provider in this trial."""
    with urlopen(f"{address}/{trial}", timeout=5) as answer:  # noqa: S310 - on loopback
        document: dict[str, Any] = json.load(answer)
        return document
