"""Checks for other people's proxies: 200, 403, and 503 where the answer cannot be recorded."""

import sqlite3

from tests.gateway_http.site import settings, site

STATUS = b'{"citizenship": "Mexico"}'
RELEASE = b'{"note": "Quillfeather is released at 07:30 tomorrow"}'


def nginx(method: str, host: str, uri: str) -> dict[str, str]:
    return {"X-Original-Method": method, "X-Original-Host": host, "X-Original-URI": uri}


ENVOY = [
    ("POST", "/api/x", "court.example", RELEASE, 200, "an ordinary host"),
    ("GET", "/", "court.example", b"", 200, "nothing to give away"),
    ("POST", "/", "ice.dhs.gov", RELEASE, 403, "a release"),
    ("POST", "/", "ICE.DHS.GOV.:443", RELEASE, 403, "the same host in another writing"),
    ("POST", "/", "ice.dhs.gov", b"", 403, "a body that nobody saw"),
    ("GET", "/?q=released+at+0730+tomorrow", "ice.dhs.gov", b"", 403, "a release in the query"),
    ("GET", "/released/at/0730", "ice.dhs.gov", b"", 403, "a release in the path"),
    ("POST", "/send", "relay.example", b'{"to": "agent@ice.dhs.gov", "text": "released at 07:30"}', 403, "sent on"),
    ("POST", "/", "127.0.0.1", RELEASE, 200, "a machine of one's own"),
]


async def test_envoy_is_told(tmp_path):
    async with site(settings(tmp_path)) as gate:
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
    async with site(settings(tmp_path)) as gate:
        for said, status in (("true", 403), ("false", 200)):
            headers = {"Host": "ice.dhs.gov", "X-Envoy-Auth-Partial-Body": said}
            got = await gate.ask(
                "POST", "/check/envoy/", b"Citizenship status: U.S. citizen", {**headers, "Content-Type": "text/plain"}
            )
            assert got.status == status


NGINX = [
    (nginx("POST", "court.example", "/x"), 200, "an ordinary host"),
    (nginx("POST", "ice.dhs.gov", "/x"), 403, "a body that nobody saw"),
    (nginx("GET", "relay.example", "/?to=agent%40ice.dhs.gov&text=out+at+0730"), 403, "sent on"),
    ({}, 403, "it says nothing"),
    ({"X-Original-URI": "/x"}, 403, "it says a part"),
    (nginx("POST", "court.example", "x"), 403, "no path"),
    (nginx("po st", "court.example", "/x"), 403, "no method"),
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
