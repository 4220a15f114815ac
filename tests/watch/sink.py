"""A real receiver of webhooks on loopback: checks every signature, answers as it is told, remembers when what came."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Got:
    """One request."""

    at: float
    """Seconds, `time.monotonic`: the same for every process of this machine."""
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return json.loads(self.body)["data"]["alerts"]


@dataclass
class Sink:
    """What came, in order."""

    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], tuple[int, dict[str, str], bytes]] = lambda _got: (204, {}, b"")
    port: int = 0
    forged: int = 0
    """Requests whose signature was not one, or whose time was another by more than five minutes: refused with 401."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lines(self) -> list[tuple[str, str, str]]:
        """(stage, trouble, about) of everything told, in order."""
        return [
            (alert["stage"], alert["trouble"], alert["about"])
            for got in self.got
            if got.method == "POST"
            for alert in got.alerts
        ]

    def story(self, trouble: str) -> list[str]:
        """Stages of the first alert that began with that trouble, in order; ``changed`` left out.

        On a busy machine an engine that is being started may count as silent on the way: the same alert, another word.
        """
        told = [alert for got in list(self.got) if got.method == "POST" for alert in got.alerts]
        first = next((alert["id"] for alert in told if (alert["stage"], alert["trouble"]) == ("new", trouble)), None)
        return [alert["stage"] for alert in told if alert["id"] == first and alert["stage"] != "changed"]

    def first(self, stage: str, trouble: str) -> Got | None:
        wanted = (stage, trouble)
        return next((got for got in self.got if wanted in [(a["stage"], a["trouble"]) for a in got.alerts]), None)


@contextmanager
def listening() -> Iterator[Sink]:
    """A sink on a port of its own, as a receiver should be: whatever is signed is verified before it is believed."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            got = Got(time.monotonic(), self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            try:
                if "webhook-id" in got.headers:
                    Webhook(SECRET).verify(body, got.headers)
            except WebhookVerificationError:
                sink.forged += 1
                status, headers, content = 401, {}, b""
            else:
                status, headers, content = sink.answer(got)
                sink.got.append(got)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            with suppress(ConnectionError):  # who asked has gone away
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = _take  # noqa: N815  the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Whoever asked was killed, or has given up: tests do that to it."""
            error = sys.exception()
            if error is not None and not isinstance(error, ConnectionError):
                raise error

    server = Server(("127.0.0.1", 0), Handler)
    sink.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def secret_file(folder: Path) -> Path:
    path = folder / "webhook.secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


def until(true: Callable[[], Any], seconds: float = 120) -> Any:
    """Wait for a condition; returns what it gave."""
    limit = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < limit, "it takes too long"
        time.sleep(0.02)
    return value
