"""Checks for other people's proxies: 200, 403, and 503 where the answer cannot be recorded."""

import sqlite3

from tests.gateway_http.site import reply_of, settings, site

STATUS = b'{"citizenship": "Mexico"}'
RELEASE = b'{"note": "Quillfeather is released at 07:30 tomorrow"}'


def nginx(method: str, host: str, uri: str) -> dict[str, str]:
    return {"X-Original-Method": method, "X-Original-Host": host, "X-Original-URI": uri}


ENVOY = [
    ("POST", "/api/x", "court.example", RELEASE, 200, "an ordinary host"),
    ("GET", "/", "court.example", b"", 200, "nothing to give away"),
    ("POST", "/", "ice.dhs.gov", RELEASE, 403, "a release"),
    ("POST", "/", "ICE.DHS.GOV.:443", RELEASE, 403, "the same host in another writing"),
    ("GET", "/?citizenship=Mexico", "ice.dhs.gov", b"", 200, "status alone, and nothing beside it"),
    ("GET", "/?q=released+at+0730+tomorrow", "ice.dhs.gov", b"", 403, "a release in the query"),
    ("GET", "/released/at/0730", "ice.dhs.gov", b"", 403, "a release in the path"),
    ("GET", "/", "perez-released-tuesday-0730.ice.dhs.gov", b"", 403, "a release in the name of the host"),
    ("POST", "/send", "relay.example", b'{"to": "agent@ice.dhs.gov", "text": "released at 07:30"}', 403, "sent on"),
    ("POST", "/", "127.0.0.1", RELEASE, 200, "a machine of one's own"),
]


async def test_envoy_is_told(tmp_path):
    async with site(settings(tmp_path, {"envoy_shows_all": True})) as gate:
        for method, path, host, body, status, because in ENVOY:
            got = await gate.ask(method, f"/check/envoy{path}", body, {"Host": host})
            assert got.status == status, because
            assert gate.kinds()[-1] == ("message.checked", "permit" if status == 200 else "block")
            assert b"quillfeather" not in got.body.lower()
            if status == 403:
                assert got.json["provisions"]
                assert "message_id" not in got.json
        assert len(gate.entries()) == len(ENVOY)
        assert "quillfeather" not in repr(gate.entries()).casefold()


async def test_partial_body_is_no_whole_one(tmp_path):
    async with site(settings(tmp_path, {"envoy_shows_all": True})) as gate:
        for said, status in (("true", 403), ("false", 200), ("released", 403)):
            headers = {"Host": "ice.dhs.gov", "X-Envoy-Auth-Partial-Body": said}
            got = await gate.ask(
                "POST", "/check/envoy/", b"Citizenship status: U.S. citizen", {**headers, "Content-Type": "text/plain"}
            )
            assert got.status == status


async def test_request_to_an_authority_is_blocked_when_envoy_may_not_have_shown_all_of_it(tmp_path):
    async with site(settings(tmp_path)) as gate:
        for method, body in (("GET", b""), ("HEAD", b""), ("OPTIONS", b""), ("POST", STATUS)):
            got = await gate.ask(method, "/check/envoy/?citizenship=Mexico", body, {"Host": "ice.dhs.gov"})
            assert got.status == 403, method
            assert gate.entries()[-1]["detail"]["reasons"] == ["unreadable", "unseen_body"]
            assert (await gate.ask(method, "/check/envoy/", body, {"Host": "court.example"})).status == 200


FIELDS = [
    ("X-Forwarded-Note", "released", 403),
    ("X-Original-Note", "released", 403),
    ("X-Envoy-Note", "released", 403),
    ("Holdwatch-Note", "released", 403),
    ("Holdwatch-Token", "released", 403),
    ("X-Forwarded-For", "released at 0730", 403),
    ("X-Request-Id", "juan-perez-released-tuesday-0730", 403),
    ("Cookie", "note=Juan Perez released Tuesday 0730", 403),
    ("User-Agent", "Juan Perez released Tuesday 0730", 403),
    ("X-Forwarded-For", "10.0.0.7, 192.0.2.1", 200),
    ("X-Envoy-Expected-Rq-Timeout-Ms", "15000", 200),
    ("X-Request-Id", "a7d3c3f0-0f3b-4c52-9d6a-94c8c4b5f0aa", 200),
    ("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", 200),
    ("Cookie", "session=9f86d081884c7d659a2feaa0c55ad015; theme=dark", 200),
    ("Accept-Language", "en-US,en;q=0.5", 200),
]


async def test_field_that_leaves_is_judged_whatever_its_name(tmp_path):
    async with site(settings(tmp_path, {"envoy_shows_all": True})) as gate:
        for name, value, status in FIELDS:
            got = await gate.ask("POST", "/check/envoy/", STATUS, {"Host": "ice.dhs.gov", name: value})
            assert got.status == status, (name, value)


def said(host: str, body: bytes, *lines: bytes) -> bytes:
    """A check with fields as they come."""
    framing = (b"Connection: close", b"Content-Type: application/json", b"Content-Length: %d" % len(body))
    return b"\r\n".join((f"POST /check/envoy/ HTTP/1.1\r\nHost: {host}".encode(), *framing, *lines, b"", body))


TWICE = [
    (b"Accept: released tuesday at 0730", b"Accept: */*", 403),
    (b"Accept: */*", b"Accept: released tuesday at 0730", 403),
    (b"Cookie: a=Juan released tuesday 0730", b"Cookie: b=1", 403),
    (b"X-Forwarded-For: released at 0730", b"X-Forwarded-For: 10.0.0.7", 403),
    (b"X-Forwarded-For: 10.0.0.8", b"X-Forwarded-For: 10.0.0.7", 200),
    (b"Cookie: session=9f86d081884c7d65", b"Cookie: theme=dark", 200),
    (b"X-Note: Mexico", b"X-Note: Mexico", 400),
]


async def test_field_is_judged_whole_when_it_comes_twice(tmp_path):
    async with site(settings(tmp_path, {"envoy_shows_all": True})) as gate:
        for *lines, status in TWICE:
            assert reply_of(await gate.say(said("ice.dhs.gov", STATUS, *lines))).status == status, lines


BYTES = [
    ("ice.dhs.gov", "User-Agent: rele\u200based tuesday at 0730".encode(), 403, "signs that nobody sees"),
    ("ice.dhs.gov", "Cookie: note=r\u0435leased tuesday 0730".encode(), 403, "a letter of another script"),
    ("ice.dhs.gov", "User-Agent: Caf\u00e9/1.0".encode(), 200, "a name with an accent"),
    ("ice.dhs.gov", "User-Agent: Caf\u00e9/1.0".encode("latin-1"), 200, "in Latin-1"),
    ("relay.example", "X-Way: x@\u0456\u0441\u0435.dhs.gov".encode(), 403, "an address in Cyrillic"),
    ("relay.example", "X-Way: x@court.example \u0456".encode(), 200, "another one"),
]


async def test_field_is_judged_in_utf_8_too_when_its_bytes_are_that(tmp_path):
    async with site(settings(tmp_path, {"envoy_shows_all": True})) as gate:
        for host, line, status, because in BYTES:
            body = RELEASE if host == "relay.example" else STATUS
            assert reply_of(await gate.say(said(host, body, line))).status == status, because


NGINX = [
    (nginx("POST", "court.example", "/x"), 200, "an ordinary host"),
    (nginx("POST", "ice.dhs.gov", "/x"), 403, "a body that nobody saw"),
    (nginx("GET", "ice.dhs.gov", "/?citizenship=Mexico"), 403, "a body and fields that nobody saw"),
    (nginx("GET", "relay.example", "/?to=agent%40ice.dhs.gov&text=out+at+0730"), 403, "sent on"),
    ({}, 403, "it says nothing"),
    ({"X-Original-URI": "/x"}, 403, "it says a part"),
    (nginx("POST", "court.example", "x"), 403, "no path"),
    (nginx("po st", "court.example", "/x"), 403, "no method"),
    (nginx("GET", "gate.test", "/x"), 403, "the gate itself: what nginx calls $proxy_host where it asks"),
    (nginx("GET", "GATE.TEST", "/x"), 403, "the same in capitals"),
    (nginx("GET", "", "/x"), 403, "no host: a variable that no location has set"),
]


async def test_nginx_is_told(tmp_path):
    async with site(settings(tmp_path)) as gate:
        for headers, status, because in NGINX:
            assert (await gate.ask("GET", "/check/nginx", headers=headers)).status == status, because


async def test_answer_is_503_when_it_cannot_be_recorded(tmp_path):
    given = settings(tmp_path, {"upstreams": [{"name": "there", "url": "http://127.0.0.1:1"}]})
    async with site(given) as gate:
        with sqlite3.connect(given.site.state_dir / "holdwatch.sqlite") as other:
            other.execute("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        for path in ("/check/envoy/", "/forward/there/x", "/access", "/assistance", "/messages"):
            body = REQUESTS.get(path, STATUS)
            got = await gate.ask("POST", path, body, {"Host": "court.example"})
            assert (got.status, got.json["type"]) == (503, "urn:holdwatch:problem:unrecorded"), path


REQUESTS = {
    "/access": b'{"access_id": "a", "agency": "ICE", "mode": "telephone"}',
    "/assistance": b'{"assistance_id": "a", "agency": "ICE", "kind": "other"}',
    "/messages": b'{"message_id": "m", "channel": "fax", "sender": {}, "recipients": [{"agency": "Court"}], '
    b'"content": {"other": "x"}}',
}


async def test_nobody_is_answered_when_their_token_is_not_known(tmp_path):
    token = tmp_path / "token"
    token.write_text("sesame-sesame\n")
    token.chmod(0o600)
    async with site(settings(tmp_path, {"clients": [{"name": "proxy", "token_file": token}]})) as gate:
        for headers, status in (
            ({}, 401),
            ({"Holdwatch-Token": "open"}, 401),
            ({"Authorization": "Bearer sesame-sesame"}, 401),
            ({"Holdwatch-Token": "sesame-sesame"}, 200),
        ):
            got = await gate.ask("GET", "/check/envoy/", headers={"Host": "court.example", **headers})
            assert got.status == status
        assert len(gate.entries()) == 1
