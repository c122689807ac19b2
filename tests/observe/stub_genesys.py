"""A small Genesys on loopback whose answers a test can spoil one by one. Nothing of it knows the product."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.observe.answers import (
    AGGREGATES,
    CALLS,
    DATE,
    EDGES,
    GROUPS,
    LIMITS,
    METRICS,
    QUEUE,
    STATUS,
    TOKEN,
    TRUNK_METRICS,
    TRUNKS,
    Answer,
    Document,
    Drip,
    Drop,
    Hang,
    Reply,
    Rule,
    Sent,
    edge,
    error,
    iso,
    metrics,
    ok,
    trunk,
    trunk_metrics,
)


class StubGenesys:
    """Answers as Genesys does; `rules` come first and may answer otherwise."""

    def __init__(self) -> None:
        self.groups: list[Document] = [{"id": "g1", "name": "group g1", "managed": False, "state": "active"}]
        self.edges: list[Document] = []
        self.metrics: dict[str, Document] = {}
        self.trunks: list[Document] = []
        self.trunk_metrics: dict[str, Document] = {}
        self.queue: list[Document] = []
        self.aggregates: list[Document] = []
        self.rate_limit = 300
        self.tokens_refused: set[str] = set()
        self.expires_in = 86399
        self.largest_page = 100
        self.sent: list[Sent] = []
        self._rules: dict[str, Rule] = {}
        self._tokens = 0
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._server = _server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer nothing any more."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """The address of login, API and status page alike."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def closing(self) -> threading.Event:
        """Set when the test is over, so that hanging answers end."""
        return self._closing

    def fill(self, nodes: int, group: str = "g1", *, cpu: float = 50) -> None:
        """So many healthy nodes, each with a sample and an external trunk."""
        for number in range(nodes):
            identity = f"{group}-e{number:03}"
            self.edges.append(edge(identity, group))
            self.metrics[identity] = metrics(identity, cpu)
            self.trunks.append(trunk(f"t-{identity}", identity, group))
            self.trunk_metrics[f"t-{identity}"] = trunk_metrics(f"t-{identity}")

    def on(self, path: str, rule: Rule | Answer, *, times: int | None = None) -> None:
        """Answer otherwise on this path, always or so many times."""
        left = [times]

        def ruled(sent: Sent) -> Answer | None:
            if left[0] is not None:
                if left[0] == 0:
                    return None
                left[0] -= 1
            return rule(sent) if callable(rule) else rule

        self._rules[path] = ruled

    def heal(self) -> None:
        """Answer as usual again."""
        self._rules.clear()

    def asked(self, path: str) -> list[Sent]:
        """The requests to this path so far."""
        with self._lock:
            return [sent for sent in self.sent if sent.path == path]

    def answer(self, sent: Sent) -> Answer:
        """What is answered to this request."""
        with self._lock:
            self.sent.append(sent)
        rule = self._rules.get(sent.path) or self._rules.get("*")
        special = rule(sent) if rule else None
        if special is not None:
            return special
        if sent.path == TOKEN:
            return self._token()
        if sent.path == STATUS:
            return ok({"page": {"id": "p"}, "status": {"indicator": "minor", "description": "Partial outage"}})
        if sent.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens_refused | {""}:
            return error(401, "bad.credentials", "Invalid login credentials.")
        return self._api(sent)

    def _token(self) -> Reply:
        with self._lock:
            self._tokens += 1
            token = f"token-{self._tokens}"
        return ok({"access_token": token, "token_type": "bearer", "expires_in": self.expires_in})

    def _api(self, sent: Sent) -> Reply:
        match sent.path:
            case path if path == EDGES:
                wanted = sent.query.get("edgeGroup.id")
                chosen = [e for e in self.edges if not wanted or (e.get("edgeGroup") or {}).get("id") == wanted[0]]
                return self._page(chosen, sent)
            case path if path == GROUPS:
                return self._page(self.groups, sent)
            case path if path == TRUNKS:
                return self._page(self.trunks, sent)
            case path if path == METRICS:
                return self._some(sent, "edgeIds", self.metrics, {e["id"] for e in self.edges})
            case path if path == TRUNK_METRICS:
                return self._some(sent, "trunkIds", self.trunk_metrics, {t["id"] for t in self.trunks})
        documents: dict[str, object] = {
            CALLS: {
                "usage": 41.5,
                "autoScalingTriggerPercentage": 80,
                "concurrentCallCount": 812,
                "maxCallCapacity": 2000,
                "autoScaleInProgress": "Up",
            },
            DATE: {"currentDate": iso()},
            LIMITS: {
                "entities": [
                    {
                        "key": "client.credentials.token.rate.per.minute",
                        "namespace": "platform.api",
                        "value": self.rate_limit,
                    }
                ]
            },
            QUEUE: {"results": self.queue},
            AGGREGATES: {"results": self.aggregates},
        }
        if sent.path in documents:
            return ok(documents[sent.path], inin_correlation_id="corr-1")
        return error(404, "not.found")

    def _page(self, entities: list[Document], sent: Sent) -> Reply:
        size = min(int(sent.query.get("pageSize", ["25"])[0]), self.largest_page)
        number = int(sent.query.get("pageNumber", ["1"])[0])
        count = max(1, -(-len(entities) // size))
        part = entities[(number - 1) * size : number * size]
        return ok(
            {"entities": part, "pageSize": size, "pageNumber": number, "total": len(entities), "pageCount": count}
        )

    def _some(self, sent: Sent, name: str, samples: dict[str, Document], known: set[str]) -> Reply:
        ids = sent.query.get(name, [""])[0].split(",")
        if len(ids) > 100:
            return error(400, "general.bad.request", "Maximum of 100 ids")
        missing = [identity for identity in ids if identity not in known]
        if missing:
            return error(400, "general.bad.request", f"Referenced key {missing[0]} on 'edgeId' does not exist")
        return ok([samples[identity] for identity in ids if identity in samples])


def _server(stub: StubGenesys) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            sent = Sent(self.command, parts.path, parse_qs(parts.query), headers, body, time.monotonic())
            answer = stub.answer(sent)
            if isinstance(answer, Reply):
                self._whole(answer)
            else:
                self._broken(answer)
                self.close_connection = True

        def _whole(self, answer: Reply) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def _broken(self, answer: Hang | Drop | Drip) -> None:
            match answer:
                case Hang():
                    stub.closing.wait()
                case Drop():
                    self.wfile.write(answer.part)
                case Drip():
                    self._drip(answer)

        def _drip(self, answer: Drip) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            if not answer.in_headers:
                self.wfile.write(b"no\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n[")
            while not stub.closing.wait(answer.every_s):
                try:
                    self.wfile.write(b" " if not answer.in_headers else b"a")
                except OSError:
                    return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the library gives
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is what several tests are about."""

    return Server(("127.0.0.1", 0), Handler)
