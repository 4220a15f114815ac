"""A worker's or sequencer's own small web page: ``/metrics``, ``/healthz``, ``/readyz``."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from integration.errors import UsageError

NotReady = Callable[[], Sequence[str]]
"""Why this process is not ready; empty if it is. Called from any thread."""


class _Page(BaseHTTPRequestHandler):
    registry: CollectorRegistry
    not_ready: NotReady
    server_version = "holdwatch"
    sys_version = ""
    timeout = 5

    def do_GET(self) -> None:
        """Answer the three paths."""
        if self.path == "/metrics":
            self._answer(200, generate_latest(self.registry), CONTENT_TYPE_LATEST)
        elif self.path == "/healthz":
            self._answer(200, b"alive\n")
        elif self.path == "/readyz":
            reasons = type(self).not_ready()
            self._answer(503 if reasons else 200, ("\n".join(reasons) or "ready").encode() + b"\n")
        else:
            self._answer(404, b"there is /metrics, /healthz and /readyz\n")

    def _answer(self, status: int, content: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Write no line for each look."""


@contextmanager
def served(address: str, port: int, registry: CollectorRegistry, not_ready: NotReady) -> Iterator[int]:
    """Serve the page from a thread of its own, so that it answers while a batch is committed; yields the port.

    Args:
        address: where to listen; a loopback address unless somebody chose otherwise.
        port: 0 for a free one.
        registry: the metrics.
        not_ready: what ``/readyz`` says.

    Raises:
        UsageError: nobody may listen there.
    """
    page = type("Page", (_Page,), {"registry": registry, "not_ready": staticmethod(not_ready)})
    try:
        server = ThreadingHTTPServer((address, port), page)
    except OSError as error:
        raise UsageError(f"metrics_port: cannot listen on {address}:{port}: {error.strerror}") from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
