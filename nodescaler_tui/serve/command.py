"""`nodescaler-tui serve`: the dashboard in a browser of this machine, through textual-serve behind our guard."""

from __future__ import annotations

import argparse
import secrets
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from nodescaler_tui.serve.guard import COOKIE, TOKEN_PARAMETER, Guard
from nodescaler_tui.terminal import MISCONFIGURED

if TYPE_CHECKING:
    from aiohttp import web

HOST: Final = "127.0.0.1"
NOT_INSTALLED: Final = "Serving needs an extra: pip install 'nodescaler-tui[browser]'.\n"
ONLY_OURSELVES: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; connect-src 'self' ws://{host}; frame-ancestors 'none'"
)


def main(arguments: list[str]) -> int:
    """Serve until interrupted."""
    options = _parser().parse_args(arguments)
    if find_spec("textual_serve") is None:
        sys.stderr.write(NOT_INSTALLED)
        return MISCONFIGURED
    port = options.port or _free_port()
    guard = Guard(secrets.token_urlsafe(32), port)
    sys.stdout.write(f"Open this on this machine; it is read-only:\n  http://{HOST}:{port}/?token={guard.token}\n")
    sys.stdout.flush()
    try:
        guarded_server(guard, _command(options)).serve()
    except OSError as error:
        sys.stderr.write(f"Port {port} cannot be used: {error.strerror}.\n")
        return MISCONFIGURED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui serve",
        description="The dashboard in a browser of this machine: behind a token, and always read-only.",
    )
    parser.add_argument("--port", type=int, default=0, help="a free one when left out")
    parser.add_argument("--config", help="another configuration file")
    parser.add_argument("--theme", help="the theme's name")
    parser.add_argument("--demo", action="store_true", help="the demo's simulated fleet")
    return parser


def _command(options: argparse.Namespace) -> str:
    """What is started for each window; `--read-only` comes from here and from nowhere else."""
    words = [sys.executable, "-m", "nodescaler_tui", *(["demo"] if options.demo else []), "--read-only"]
    for name in ("config", "theme"):
        words += [f"--{name}", getattr(options, name)] if getattr(options, name) else []
    return shlex.join(words)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        port: int = listening.getsockname()[1]
        return port


def guarded_server(guard: Guard, command: str) -> Any:  # noqa: ANN401 - textual-serve is an extra and has no types
    """textual-serve's server with our guard before every one of its handlers."""
    from aiohttp import web  # noqa: PLC0415 - only where it is served
    from textual_serve.server import Server  # noqa: PLC0415

    @web.middleware
    async def guarded(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        given = request.query.get(TOKEN_PARAMETER, "")
        refused = guard.judge(request.path, request.headers, request.cookies, given)
        if refused is not None:
            return web.Response(status=403, text=f"{refused.sentence}\n")
        if given:
            response: web.StreamResponse = web.Response(status=303, headers={"Location": "/"})
            response.set_cookie(COOKIE, guard.token, httponly=True, samesite="Strict")
        else:
            response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = ONLY_OURSELVES.format(host=request.host)
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    class GuardedServer(Server):
        async def _make_app(self) -> web.Application:
            app: web.Application = await super()._make_app()
            app.middlewares.append(guarded)
            return app

        async def on_startup(self, app: web.Application) -> None:
            """Print nothing more: what must be known was said already."""

        def initialize_logging(self) -> None:
            """Log nothing: a log of requests would hold the token."""

    return GuardedServer(command, host=HOST, port=guard.port, title="nodescaler-tui")
