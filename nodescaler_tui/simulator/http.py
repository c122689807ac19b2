"""A small HTTP/1.1 server on h11: sans-IO parsing gives honest control over what goes wrong on the wire."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

READ_BYTES: Final = 65536
LEAST_GZIP_BYTES: Final = 1024


class Wire(StrEnum):
    """How an answer leaves: whole, not at all, or broken off."""

    WHOLE = "whole"
    NEVER = "never"
    DROPPED = "dropped"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: header names are lower-case, `query` keeps the last of repeated names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - a body may be anything
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, after `delay_s`."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    wire: Wire = Wire.WHOLE
    delay_s: float = 0.0


def json_answer(status: int, document: object, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(status, body, headers or {})


Handler = Callable[[Request], Awaitable[Answer]]


class Server:
    """Listens on loopback and answers each request through the handler, keeping connections alive."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def is_listening(self) -> bool:
        """Whether a connection would be accepted."""
        return self._server is not None

    async def start(self, port: int | None = None) -> None:
        """Begin to listen; port 0 takes a free one, none the same as before. Raises OSError when it is taken."""
        wanted = self.port if port is None else port
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", wanted, limit=READ_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the listener and every connection, also those that hang on purpose."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.ensure_future(self._converse(reader, writer))
        self._open.add(conversation)
        try:
            await conversation
        except (ConnectionError, h11.RemoteProtocolError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._open.discard(conversation)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while (request := await _read(connection, reader)) is not None:
            answer = await self._handler(request)
            await asyncio.sleep(answer.delay_s)
            if answer.wire is Wire.NEVER:
                await _until_gone(reader)
                return
            if answer.wire is Wire.DROPPED:
                writer.transport.abort()
                return
            if not await _write(connection, writer, request, answer) or connection.our_state is h11.MUST_CLOSE:
                return
            connection.start_next_cycle()


async def _until_gone(reader: asyncio.StreamReader) -> None:
    while await reader.read(READ_BYTES):
        pass


async def _read(connection: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    """The next request, whole. Raises h11.RemoteProtocolError when it breaks off before its Content-Length."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _request(head, bytes(body))
        else:
            return None


def _request(head: h11.Request, body: bytes) -> Request:
    target = urlsplit(head.target.decode())
    return Request(
        method=head.method.decode(),
        path=unquote(target.path),
        query=dict(parse_qsl(target.query, keep_blank_values=True)),
        headers={name.decode(): value.decode("latin-1") for name, value in head.headers},
        body=body,
    )


async def _write(connection: h11.Connection, writer: asyncio.StreamWriter, request: Request, answer: Answer) -> bool:
    """Send the answer, or half of it; False when the connection is done with."""
    body, headers = _encoded(request, answer)
    out = connection.send(h11.Response(status_code=answer.status, headers=headers))
    if answer.wire is Wire.TRUNCATED:
        writer.write((out or b"") + body[: len(body) // 2])
        await writer.drain()
        return False
    out = (out or b"") + (connection.send(h11.Data(data=body)) or b"")
    writer.write(out + (connection.send(h11.EndOfMessage()) or b""))
    await writer.drain()
    return True


def _encoded(request: Request, answer: Answer) -> tuple[bytes, list[tuple[str, str]]]:
    body, headers = answer.body, dict(answer.headers)
    if body:
        headers["Content-Type"] = answer.content_type
    if "gzip" in request.headers.get("accept-encoding", "") and len(body) >= LEAST_GZIP_BYTES:
        body = gzip.compress(body, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    if answer.status != 204:
        headers["Content-Length"] = str(len(body))
    return body, list(headers.items())
