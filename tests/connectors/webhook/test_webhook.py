"""Webhooks: signed, tried again where that may help, refused for good where not; against a real server on loopback."""

import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer
from pathlib import Path

import pytest
import trustme
from pydantic import ValidationError
from standardwebhooks import Webhook

from connectors.notice import Notice, PassingSendError, Patience, PermanentSendError, Why
from connectors.webhook.client import WebhookChannel
from connectors.webhook.config import WebhookSettings
from integration.errors import UsageError
from tests.watch.sink import SECRET, Sink, listening, secret_file

NOTICE = Notice("n-1", datetime(2026, 3, 2, 3, 4, 5, tzinfo=UTC), "title", "text", "holdwatch.test.v1", {"alerts": [1]})
QUICK = Patience(attempts=3, seconds=5, first_wait=0.01, longest_wait=0.05)


@pytest.fixture
def sink():
    with listening() as made:
        yield made


def channel(folder: Path, url: str, **more) -> WebhookChannel:
    settings = WebhookSettings(url=url, secret_file=secret_file(folder), timeout_seconds=1, **more)
    return WebhookChannel(settings, QUICK)


async def sent(made: WebhookChannel, notice: Notice = NOTICE) -> None:
    try:
        await made.send(notice)
    finally:
        await made.close()


async def test_a_receiver_can_verify_it_when_it_is_sent(sink: Sink, tmp_path):
    await sent(channel(tmp_path, sink.url + "/in?key=1"))
    (got,) = sink.got
    assert (got.method, got.path, got.headers["webhook-id"]) == ("POST", "/in?key=1", "n-1")
    said = Webhook(SECRET).verify(got.body, got.headers)
    assert said == {"type": "holdwatch.test.v1", "timestamp": "2026-03-02T03:04:05+00:00", "data": {"alerts": [1]}}


@pytest.mark.parametrize(
    ("status", "because"),
    [
        (408, "the receiver waited too long for us"),
        (425, "it does not want early data"),
        (429, "it asks for patience"),
        (500, "it failed"),
        (503, "it is being started"),
    ],
)
async def test_it_is_tried_again_when_the_refusal_may_pass(sink: Sink, tmp_path, status, because):
    sink.answer = lambda _: (204 if len(sink.got) == 2 else status, {}, b"")
    await sent(channel(tmp_path, sink.url))
    # One id for all attempts, or the receiver would ring three times.
    assert [got.headers["webhook-id"] for got in sink.got] == ["n-1"] * 3


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410, 413])
async def test_it_is_not_tried_again_when_the_refusal_is_for_good(sink: Sink, tmp_path, status):
    sink.answer = lambda _: (status, {"location": sink.url + "/elsewhere"}, b"secret words")
    with pytest.raises(PermanentSendError) as caught:
        await sent(channel(tmp_path, sink.url))
    assert (caught.value.why, len(sink.got)) == (Why.REFUSED, 1)
    assert str(caught.value) == f"refused ({status})"


@pytest.mark.parametrize("hours", [-1, 1])
async def test_it_goes_by_the_receivers_clock_when_its_own_is_refused(sink: Sink, tmp_path, monkeypatch, hours):
    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=hours)

    monkeypatch.setattr("connectors.webhook.client.datetime", Wrong)
    made = channel(tmp_path, sink.url)
    await made.send(NOTICE)
    await sent(made)
    # Refused once; from then on the receiver's time is known.
    assert (sink.forged, len(sink.got)) == (1, 2)


async def test_it_is_refused_for_good_when_the_clocks_agree(sink: Sink, tmp_path):
    made = channel(tmp_path, sink.url)
    made._signer = Webhook("whsec_" + "A" * 32)
    with pytest.raises(PermanentSendError):
        await sent(made)
    assert sink.forged == 1


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 02 Mar 2026 03:04:05 -0000"])
async def test_it_is_refused_for_good_when_the_receiver_does_not_say_its_time(tmp_path, date):
    made = channel(tmp_path, "https://example.org")
    assert not made._set_right(date, datetime.now(UTC))
    await made.close()


async def test_it_gives_up_after_its_attempts_when_nothing_passes(sink: Sink, tmp_path):
    sink.answer = lambda _: (503, {"retry-after": "3600"}, b"")
    with pytest.raises(PassingSendError) as caught:
        await sent(channel(tmp_path, sink.url))
    # An hour is asked for; an alert does not wait that long.
    assert (caught.value.why, caught.value.wait, len(sink.got)) == (Why.BUSY, 3600, 3)


async def test_it_says_unreachable_when_nobody_listens(tmp_path):
    with listening() as gone:
        url = gone.url
    with pytest.raises(PassingSendError) as caught:
        await sent(channel(tmp_path, url + "/?token=zyxquorn"))
    assert caught.value.why is Why.UNREACHABLE
    assert "zyxquorn" not in repr(caught.value)


async def test_it_says_unreachable_when_the_receiver_hangs(sink: Sink, tmp_path):
    hold = threading.Event()
    sink.answer = lambda _: (hold.wait(10), (204, {}, b""))[1]
    settings = WebhookSettings(url=sink.url, secret_file=secret_file(tmp_path), timeout_seconds=0.2)
    try:
        with pytest.raises(PassingSendError) as caught:
            await sent(WebhookChannel(settings, Patience(attempts=2, seconds=5, first_wait=0.01)))
    finally:
        hold.set()
    assert caught.value.why is Why.UNREACHABLE


async def test_it_is_not_sent_when_the_certificate_is_not_trusted(tmp_path):
    trusted, other = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.issue_cert("127.0.0.1").configure_cert(context)
    server = HTTPServer(("127.0.0.1", 0), object)  # type: ignore[arg-type]  no request gets as far as a handler
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  a failed handshake is what is wanted here
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    try:
        with pytest.raises(PermanentSendError) as caught:
            await sent(channel(tmp_path, f"https://127.0.0.1:{server.server_port}", ca_file=tmp_path / "ca.pem"))
    finally:
        thread.join()
        server.server_close()
    assert caught.value.why is Why.UNTRUSTED


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (SECRET, 0o644, "can be read by others"),
        ("", 0o600, "is empty"),
        ("whsec_zyxquorn", 0o600, "no webhook secret"),
        ("zyxquorn" * 8, 0o600, "no webhook secret"),
        ("whsec_" + "é" * 32, 0o600, "is no text"),
    ],
)
def test_it_does_not_start_when_the_secret_cannot_be_used(tmp_path, content, mode, says):
    path = tmp_path / "secret"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(UsageError, match=says) as caught:
        WebhookChannel(WebhookSettings(url="https://example.org", secret_file=path))
    assert "zyxquorn" not in str(caught.value)


@pytest.mark.parametrize("file", ["ca_file", "secret_file"])
def test_it_does_not_start_when_a_file_is_missing(tmp_path, file):
    files = {"secret_file": secret_file(tmp_path), file: tmp_path / "none"}
    with pytest.raises(UsageError, match="none"):
        WebhookChannel(WebhookSettings(url="https://example.org", **files))


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "ftp://127.0.0.1", "https://", "example.org", "http://127.0.0.1.example.org", "https://a:x"],
)
def test_a_url_is_refused_when_it_is_not_encrypted_or_none(tmp_path, url):
    with pytest.raises(ValidationError) as caught:
        WebhookSettings(url=url, secret_file=tmp_path)
    assert "https:// URL is needed" in str(caught.value)
    assert json.dumps(url) not in str(caught.value)
