"""The other side of an HTTP channel: a real server on loopback, with TLS where it is asked for."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Party:
    """What came, in order, and how it is answered."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    """One after another; then ``ok``."""
    ok: int = 200
    status_of: Callable[[Got], int | None] = lambda _got: None
    """Comes before both."""
    headers: dict[str, str] = field(default_factory=dict)
    answer: Callable[[Got], bytes] = lambda _got: b"ok"


@contextmanager
def party(context: ssl.SSLContext | None = None) -> Iterator[Party]:
    """A server on a port of its own."""
    side = Party()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            got = Got(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            side.got.append(got)
            content = side.answer(got)
            self.send_response(side.status_of(got) or (side.status.pop(0) if side.status else side.ok))
            for name, value in {"content-length": str(len(content)), **side.headers}.items():
                self.send_header(name, value)
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = _take  # noqa: N815  the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A failed handshake is what some tests want; nothing else goes wrong here."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    side.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield side
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
