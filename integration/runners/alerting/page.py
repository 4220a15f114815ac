"""The page behind the link in a notice: GET shows and changes nothing, POST acknowledges.

Mail programs, scanners and chat rooms fetch every link that they see. So looking never acknowledges; the button does.
"""

import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs

import structlog

from connectors.notice import Notice
from integration.errors import HoldwatchError, UsageError

_log = structlog.get_logger()

_LONGEST_FORM: Final = 4000
_LONGEST_NAME: Final = 64
_MOST_FIELDS: Final = 5
QUIET: Final = 30.0
"""Seconds without a turn after which this process is not healthy."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_STYLE: Final = (
    "body{font:18px/1.5 sans-serif;max-width:42rem;margin:1.5rem auto;padding:0 1rem}"
    "pre{white-space:pre-wrap;font:inherit}input,button{font:inherit;padding:.6rem;width:100%;box-sizing:border-box}"
    "button{margin-top:1rem;font-weight:bold}"
)

Look = Callable[[str], tuple[Notice, Collection[str]]]
"""From a token to the notice as it reads now, and marks of the findings that it shows as open."""
Acknowledge = Callable[[str, str, Collection[str]], str]
"""From a token, a name and the marks that were shown to the alert that was acknowledged. Both raise `UsageError` for a
link that serves no more."""


class AckPage:
    """What the page does: one request at a time."""

    def __init__(self, look: Look, acknowledge: Acknowledge, turned_at: Callable[[], float]) -> None:
        """Args: ``turned_at`` gives `time.monotonic` of the alerting process's last turn."""
        self._look = look
        self._acknowledge = acknowledge
        self._turned_at = turned_at
        self._one_at_a_time = threading.Lock()

    def look(self, token: str) -> tuple[HTTPStatus, str]:
        """Return what a link shows."""
        with self._one_at_a_time:
            notice, shown = self._look(token)
        all_of = f"Acknowledge all {len(shown)}" if len(shown) > 1 else "Acknowledge"
        return HTTPStatus.OK, _page(
            notice.title,
            f"<pre>{escape(notice.text)}</pre>"
            '<form method="post"><label>Your name or badge number'
            f'<input name="name" autocomplete="name" maxlength="{_LONGEST_NAME}" required></label>'
            f'<input type="hidden" name="shown" value="{escape(" ".join(shown))}">'
            f"<button>{all_of}: I take this on</button></form>",
        )

    def acknowledge(self, token: str, name: str, shown: Collection[str]) -> tuple[HTTPStatus, str]:
        """Acknowledge what was shown, and return what to show."""
        name = "".join(letter for letter in name if letter.isprintable()).strip()
        if not 0 < len(name) <= _LONGEST_NAME:
            return HTTPStatus.BAD_REQUEST, _page("Not acknowledged", "<p>A name or a badge number is needed.</p>")
        with self._one_at_a_time:
            alert = self._acknowledge(token, name, shown)
        said = f"<p>You have taken on alert {escape(alert)}. If it is still open later, you will hear of it again.</p>"
        return HTTPStatus.OK, _page("Acknowledged", said)

    @property
    def healthy(self) -> bool:
        """Whether the alerting process goes round."""
        return time.monotonic() - self._turned_at() < QUIET


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main><h1>{escape(title)}</h1>{body}</main></html>"
    )


class _Handler(BaseHTTPRequestHandler):
    page: AckPage
    server_version = "holdwatch"
    sys_version = ""
    timeout = 5

    def do_GET(self) -> None:
        """Show, and change nothing."""
        if self.path == "/healthz":
            healthy = self.page.healthy
            self._answer(HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE, "alive" if healthy else "silent")
        else:
            self._try(self.page.look)

    def do_HEAD(self) -> None:
        """Answer as to GET, without the page."""
        self.do_GET()

    def do_POST(self) -> None:
        """Acknowledge."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LONGEST_FORM:
            self._answer(HTTPStatus.BAD_REQUEST, _page("Not acknowledged", "<p>This form cannot be read.</p>"))
            return
        body = self._body(int(length))
        try:
            form = None if body is None else parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
        except ValueError:
            form = None
        if form is None:
            self._answer(HTTPStatus.BAD_REQUEST, _page("Not acknowledged", "<p>This form cannot be read.</p>"))
            return
        name = form.get("name", [""])[0]
        shown = form.get("shown", [""])[0].split()
        self._try(lambda token: self.page.acknowledge(token, name, shown))

    def _body(self, length: int) -> bytes | None:
        """Return the form; None where less of it came than was said, or it took too long."""
        try:
            body = self.rfile.read(length)
        except TimeoutError:
            return None
        return body if len(body) == length else None

    def _try(self, act: Callable[[str], tuple[HTTPStatus, str]]) -> None:
        if not self.path.startswith("/a/"):
            self._answer(HTTPStatus.NOT_FOUND, _page("Not found", "<p>There is nothing here.</p>"))
            return
        try:
            status, text = act(self.path.removeprefix("/a/"))
        except UsageError as error:
            status, text = HTTPStatus.GONE, _page("Nothing to acknowledge", f"<p>{escape(str(error))}.</p>")
        except HoldwatchError as error:
            _log.error("alerts.page_failed", error=type(error).__name__)
            said = "<p>Not acknowledged: the database does not answer. Try again, or call.</p>"
            status, text = HTTPStatus.SERVICE_UNAVAILABLE, _page("Try again", said)
        self._answer(status, text)

    def _answer(self, status: HTTPStatus, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Write no line: a link is a secret."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Tell the kind of error and no more: a trace would show the link. Who hangs up is nobody's fault."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            _log.error("alerts.page_failed", error=type(error).__name__)


@contextmanager
def served(address: str, port: int, page: AckPage) -> Iterator[int]:
    """Serve the page from threads of its own; yields the port.

    Raises:
        UsageError: nobody may listen there.
    """
    try:
        server = _Server((address, port), type("Handler", (_Handler,), {"page": page}))
    except OSError as error:
        raise UsageError(f"alerts.page: cannot listen on {address}:{port}: {error.strerror}") from None
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="alert page", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
