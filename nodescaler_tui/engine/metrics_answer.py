"""The answer to a scrape: OpenMetrics as we write it, anything else as prometheus_client does.

Only an engine that is asked to serve metrics imports this.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import choose_encoder, gzip_accepted

from nodescaler_tui.engine.metrics_text import metrics_text

FAST: Final = 1
"""How hard to compress: a scraper is near, and the engine has more to do than that."""


def metrics_app(registry: CollectorRegistry) -> WSGIApplication:
    """Serves what this registry collects. A scrape for some names only, or in another format, is not made faster."""
    otherwise: WSGIApplication = make_wsgi_app(registry)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        _, content_type = choose_encoder(environ.get("HTTP_ACCEPT", ""))
        is_ours = environ["REQUEST_METHOD"] == "GET" and content_type.startswith("application/openmetrics-text")
        if not is_ours or environ.get("QUERY_STRING") or environ["PATH_INFO"] == "/favicon.ico":
            return otherwise(environ, start_response)
        text, headers = metrics_text(registry.collect()), [("Content-Type", content_type)]
        if gzip_accepted(environ.get("HTTP_ACCEPT_ENCODING", "")):
            text = gzip.compress(text, FAST)
            headers.append(("Content-Encoding", "gzip"))
        start_response("200 OK", headers)
        return [text]

    return app
