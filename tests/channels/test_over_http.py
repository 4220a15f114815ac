"""What channels over HTTP have in common: taken, tried again, refused for good, untrusted, silent of secrets."""

import ssl
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from pydantic import ValidationError

from connectors.notice import Act, PassingSendError, Patience, PermanentSendError, Why
from integration.errors import UsageError
from tests.channels.kinds import CANARY, NOTICE, OVER_HTTP, QUICK, opened, sent
from tests.channels.party import Party, party

each_kind = pytest.mark.parametrize("kind", OVER_HTTP)


@pytest.fixture
def side():
    with party() as made:
        yield made


@each_kind
async def test_it_is_taken_when_the_party_says_yes(kind, side: Party, tmp_path, capfd):
    await sent(opened(OVER_HTTP[kind](tmp_path, side.url)))
    assert len(side.got) == 1
    assert CANARY not in "".join(capfd.readouterr())


@each_kind
@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_it_is_tried_again_when_the_refusal_may_pass(kind, status, side: Party, tmp_path):
    side.status = [status, status]
    await sent(opened(OVER_HTTP[kind](tmp_path, side.url)))
    # The same every time, or a receiver would count three alerts.
    assert (len(side.got), len({got.body for got in side.got})) == (3, 1)


@each_kind
@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 410, 413])
async def test_it_is_not_tried_again_when_the_refusal_is_for_good(kind, status, side: Party, tmp_path, capfd):
    side.status, side.headers = [status], {"location": side.url + "/elsewhere"}
    side.answer = lambda got: got.body + got.path.encode()
    with pytest.raises(PermanentSendError) as caught:
        await sent(opened(OVER_HTTP[kind](tmp_path, side.url)))
    assert (str(caught.value), len(side.got)) == (f"refused ({status})", 1)
    assert CANARY not in "".join(capfd.readouterr())


@each_kind
async def test_it_gives_up_after_its_attempts_when_nothing_passes(kind, side: Party, tmp_path):
    side.ok, side.headers = 503, {"retry-after": "3600"}
    with pytest.raises(PassingSendError) as caught:
        await sent(opened(OVER_HTTP[kind](tmp_path, side.url)))
    # An hour is asked for; an alert does not wait that long.
    assert (caught.value.why, caught.value.wait, len(side.got)) == (Why.BUSY, 3600, 3)


@each_kind
async def test_it_says_unreachable_when_nobody_listens(kind, tmp_path, capfd):
    with party() as gone:
        url = gone.url
    with pytest.raises(PassingSendError) as caught:
        await sent(opened(OVER_HTTP[kind](tmp_path, url)))
    assert caught.value.why is Why.UNREACHABLE
    told = repr(caught.value) + str(caught.value) + "".join(capfd.readouterr())
    assert CANARY not in told


@each_kind
async def test_it_is_sent_only_to_whom_we_trust_when_it_is_encrypted(kind, tmp_path):
    trusted, other = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    taken = {}
    for name, authority in (("trusted", trusted), ("other", other)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        with party(context) as side:
            table = OVER_HTTP[kind](tmp_path, side.url) | {"ca_file": tmp_path / "ca.pem"}
            if name == "trusted":
                await sent(opened(table))
            else:
                with pytest.raises(PermanentSendError) as caught:
                    await sent(opened(table))
                assert caught.value.why is Why.UNTRUSTED
            taken[name] = len(side.got)
    assert taken == {"trusted": 1, "other": 0}


SECRETS = {"pagerduty": "routing_key_file", "slack": "url_file", "teams": "url_file"}


@each_kind
@pytest.mark.parametrize(
    ("content", "mode", "says"), [(CANARY * 4, 0o644, "can be read by others"), ("", 0o600, "is empty")]
)
def test_it_does_not_start_when_the_secret_cannot_be_used(kind, content, mode, says, tmp_path):
    table = OVER_HTTP[kind](tmp_path, "https://example.org")
    path: Path = table[SECRETS.get(kind, "secret_file")]
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(UsageError, match=says) as caught:
        opened(table)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("pagerduty", f"{CANARY}-too-short"),
        ("slack", f"http://hooks.example.org/{CANARY}"),
        ("teams", f"ftp://{CANARY}"),
    ],
)
def test_it_does_not_start_when_the_secret_is_none_of_its_kind(kind, content, tmp_path):
    table = OVER_HTTP[kind](tmp_path, "https://example.org")
    table[SECRETS[kind]].write_text(content)
    with pytest.raises(UsageError) as caught:
        opened(table)
    assert CANARY not in str(caught.value)


@each_kind
def test_it_does_not_start_when_the_certificates_are_none(kind, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(UsageError, match="holds no certificate"):
        opened(OVER_HTTP[kind](tmp_path, "https://example.org") | {"ca_file": tmp_path / "ca.pem"})


@each_kind
@pytest.mark.parametrize("more", [{"unknown": CANARY}, {"timeout_seconds": CANARY}, {"name": f"{CANARY} x"}])
def test_a_setting_is_refused_without_its_value_when_it_cannot_be_meant(kind, more, tmp_path):
    with pytest.raises(ValidationError) as caught:
        opened(OVER_HTTP[kind](tmp_path, "https://example.org") | more)
    # What `load_settings` tells: the place and the fault.
    assert CANARY not in " ".join(fault["msg"] for fault in caught.value.errors())


@pytest.mark.parametrize("kind", ["pagerduty", "alertmanager", "sms"])
def test_a_url_is_refused_when_it_is_not_encrypted(kind, tmp_path):
    with pytest.raises(ValidationError, match="https:// URL is needed"):
        opened(OVER_HTTP[kind](tmp_path, "http://example.org"))


@each_kind
async def test_it_is_bounded_when_the_party_hangs(kind, side: Party, tmp_path):
    hold = threading.Event()
    side.answer = lambda _: (hold.wait(60), b"ok")[1]
    patience = Patience(attempts=2, seconds=5, first_wait=0.01)
    try:
        with pytest.raises(PassingSendError) as caught:
            await sent(opened(OVER_HTTP[kind](tmp_path, side.url) | {"timeout_seconds": 0.2}, patience))
    finally:
        hold.set()
    assert caught.value.why is Why.UNREACHABLE


@each_kind
async def test_nothing_breaks_out_of_its_place_when_the_notice_is_hostile(kind, side: Party, tmp_path):
    bad = '"}],"x":1\r\nHost: evil\r\n<!channel> [a](https://evil) <https://evil|b> {to} \u202e \x00 \\'
    hostile = replace(NOTICE, title=bad, text=bad * 50, short=bad, key=bad, site=bad)
    for act in Act:
        await sent(opened(OVER_HTTP[kind](tmp_path, side.url), QUICK), replace(hostile, act=act))
    for got in side.got:
        assert set(got.headers) <= {
            "host", "accept", "accept-encoding", "connection", "user-agent", "content-type", "content-length",
            "authorization",
        }  # fmt: skip
        assert "x" not in (got.json[0] if isinstance(got.json, list) else got.json)
