"""The network between an engine and the server. It can break off at any message or byte, or swallow all in silence.

In silence really no packet arrives: a filter at the socket drops them before the kernel acknowledges any, as a cable
that was pulled out does. So what notices it is what notices it in the field: keepalives and the limits of libpq.
"""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.team_proof.messages import Messages

SO_ATTACH_FILTER: Final = 26
SO_DETACH_FILTER: Final = 27
_DROP_ALL: Final = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
_FILTER: Final = struct.pack("HL", 1, ctypes.addressof(_DROP_ALL))
"""A program of one instruction for the kernel's packet filter: return 0, which keeps nothing."""

READ_BYTES: Final = 65536
WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a connection breaks: at the n-th message, or byte, that one side says from now on.

    `delivered` says whether that message still arrives; of bytes, those before the n-th do.
    """

    to_server: bool
    by_bytes: bool
    number: int
    delivered: bool


class Link:
    """One engine's way to the server. Its methods may be called from any thread."""

    def __init__(self, server: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(0)
        self._open: set[socket.socket] = set()
        self._clients: set[socket.socket] = set()
        self._flowing = asyncio.Event()
        self._refusing = False
        self._cut: Cut | None = None
        self._left = 0
        self._then: Callable[[], None] | None = None
        self.cuts = 0
        self.port = self._listening.getsockname()[1]

    async def begin(self) -> None:
        """From now on carry what arrives."""
        self._flowing.set()
        self.serving = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as carrying:
            while True:
                client, _ = await self._loop.sock_accept(self._listening)
                carrying.create_task(self._carry(client))

    async def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            if self._refusing:
                return
            client.settimeout(0)
            server.settimeout(0)
            self._open |= {client, server}
            self._clients.add(client)
            try:
                await self._carry_both_ways(client, server)
            finally:
                self._open -= {client, server}
                self._clients.discard(client)

    async def _carry_both_ways(self, client: socket.socket, server: socket.socket) -> None:
        """Until one side has ended, or a cut was made."""
        with suppress(OSError):
            await self._loop.sock_connect(server, str(self._server))
            ways = [
                asyncio.create_task(self._pass_on(client, server, to_server=True)),
                asyncio.create_task(self._pass_on(server, client, to_server=False)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.wait(ways)

    async def _pass_on(self, source: socket.socket, target: socket.socket, *, to_server: bool) -> None:
        messages = Messages(from_client=to_server)
        with suppress(OSError):
            while data := await self._loop.sock_recv(source, READ_BYTES):
                await self._flowing.wait()
                passing = self._passing(data, messages.ends(data), to_server=to_server)
                await self._loop.sock_sendall(target, data[:passing])
                if self._was_cut(to_server=to_server):
                    return

    def _passing(self, data: bytes, ends: list[int], *, to_server: bool) -> int:
        """How many of these bytes still pass before the cut that is due, if one is."""
        cut = self._cut
        if cut is None or self._left <= 0 or cut.to_server is not to_server:
            return len(data)
        there = len(data) if cut.by_bytes else len(ends)
        wanted, self._left = self._left, self._left - there
        if self._left > 0:
            return len(data)
        if cut.by_bytes:
            return wanted if cut.delivered else wanted - 1
        return ends[wanted - 1] if cut.delivered else ([0, *ends])[wanted - 1]

    def _was_cut(self, *, to_server: bool) -> bool:
        """Once: the connection on which the cut was due ends, and whoever waited for that is told."""
        cut = self._cut
        if cut is None or self._left > 0 or cut.to_server is not to_server:
            return False
        self._cut, self.cuts = None, self.cuts + 1
        if self._then is not None:
            self._then()
        return True

    def cut_at(self, cut: Cut, *, and_stay_cut: bool) -> None:
        """Break one connection there; then the whole link too, if it is to stay cut."""

        def arm() -> None:
            self._cut, self._left = cut, cut.number
            self._then = self._refuse if and_stay_cut else None

        self._call(arm)

    def refuse(self) -> None:
        """End every connection, and take no new one."""
        self._call(self._refuse)

    def _refuse(self) -> None:
        self._refusing = True
        for end in tuple(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """From now on nothing arrives any more, in neither direction, and nobody is told."""

        def swallow() -> None:
            self._flowing.clear()
            for end in (self._listening, *self._clients):
                end.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, _FILTER)

        self._call(swallow)

    def mend(self) -> None:
        """The network is whole again; what was under way and not given up arrives after all."""

        def mend() -> None:
            self._refusing, self._cut, self._left = False, None, 0
            if not self._flowing.is_set():
                for end in (self._listening, *self._clients):
                    end.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
            self._flowing.set()

        self._call(mend)

    def _call(self, change: Callable[[], None]) -> None:
        async def called() -> None:
            change()

        asyncio.run_coroutine_threadsafe(called(), self._loop).result(WITHIN_S)

    async def end(self) -> None:
        """Take everything away, and wait until nothing is carried any more."""
        self._flowing.set()
        self._refuse()
        self.serving.cancel()
        await asyncio.wait([self.serving])
        self._listening.close()


class Network:
    """Links to one server, all of them carried by one thread."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._links: list[Link] = []
        self._thread.start()

    def link(self) -> Link:
        """A new way to the server."""
        link = Link(self._server, self._loop)
        self._links.append(link)
        asyncio.run_coroutine_threadsafe(link.begin(), self._loop).result(WITHIN_S)
        return link

    def close(self) -> None:
        """Take every link away."""
        for link in self._links:
            asyncio.run_coroutine_threadsafe(link.end(), self._loop).result(WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WITHIN_S)
        self._loop.close()


@contextmanager
def network(server: Path) -> Iterator[Network]:
    """A network that is taken away at the end."""
    between = Network(server)
    try:
        yield between
    finally:
        between.close()
