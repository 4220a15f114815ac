"""Forwarding: what may leave reaches the upstream as it was judged, once; what may not never does."""

import asyncio

import pytest

from integration.domain.instants import HOUR
from integration.services.quarantine import Basis
from schemas.kinds import LegalBasis
from tests.gateway_http.site import Upstream, booked, settings, site, until
from tests.ports import free_port

ICE = "Immigration and Customs Enforcement"
STATUS = {"citizenship": "Mexico"}
RELEASE = {"note": "Quillfeather is released at 07:30 tomorrow"}


def upstream_table(upstream: Upstream, **more):
    return {"name": "there", "url": f"{upstream.url}/api", "paths": ["/status"], **more}


def http(*upstreams, **more):
    return {"upstreams": list(upstreams), **more}


async def test_request_reaches_an_ordinary_upstream_as_it_was_sent(tmp_path):
    async with Upstream().serving() as court:
        async with site(settings(tmp_path, http(upstream_table(court, headers=["x-case"])))) as gate:
            body = b'{"note":  "hearing at 9",\t"x": [1.50]}'
            got = await gate.ask(
                "POST", "/forward/there/filings/7%20a?kind=motion", body, {"X-Case": "44", "X-Secret": "no"}
            )
        assert (got.status, got.body, got.headers["content-type"]) == (200, b"{}", "application/json")
        [sent] = court.requests
        head, _, arrived = sent.partition(b"\r\n\r\n")
        assert arrived == body
        assert head.startswith(b"POST /api/filings/7%20a?kind=motion HTTP/1.1\r\n")
        assert b"x-case: 44" in head.lower()
        assert b"x-secret" not in head.lower()


async def test_entries_tell_of_it_in_order_when_it_was_sent(tmp_path):
    async with Upstream().serving() as court, site(settings(tmp_path, http(upstream_table(court)))) as gate:
        await gate.ask("POST", "/forward/there/filings", RELEASE)
        assert gate.kinds() == [
            ("message.accepted", "accepted"),
            ("message.decided", "permit"),
            ("message.sent", "sent"),
        ]
        assert b"quillfeather" not in repr(gate.entries()).casefold().encode()


async def test_nothing_is_sent_and_it_is_told_why_when_an_authority_is_told_a_release(tmp_path):
    async with Upstream().serving() as ice:
        async with site(settings(tmp_path, http(upstream_table(ice, agency=ICE)))) as gate:
            got = await gate.ask("POST", "/forward/there/status", RELEASE)
            assert gate.kinds() == [("message.accepted", "accepted"), ("message.decided", "block")]
            assert gate.parts.book.counts() == {"blocked": 1}
        assert ice.requests == []
    assert (got.status, got.headers["content-type"]) == (403, "application/problem+json")
    assert got.json["type"] == "urn:holdwatch:problem:blocked"
    assert got.json["provisions"]
    assert got.json["message_id"]
    assert "records bureau" in got.json["detail"]
    assert b"quillfeather" not in got.body.lower()


async def test_status_alone_reaches_an_authority(tmp_path):
    async with Upstream().serving() as ice:
        async with site(settings(tmp_path, http(upstream_table(ice, agency=ICE)))) as gate:
            got = await gate.ask("POST", "/forward/there/status", STATUS)
            assert [kind for kind, _ in gate.kinds()] == [
                "message.accepted", "message.decided", "message.sending", "message.sent",
            ]  # fmt: skip
        assert got.status == 200
        assert len(ice.requests) == 1


async def test_authorization_is_the_settings_own(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("Bearer upstream-secret\n")
    secret.chmod(0o600)
    async with Upstream().serving() as court:
        table = upstream_table(court, authorization_file=secret)
        async with site(settings(tmp_path, http(table))) as gate:
            await gate.ask("GET", "/forward/there/filings", headers={"Authorization": "Basic cmVsZWFzZWQgYXQgNw=="})
        [sent] = court.requests
    assert b"authorization: bearer upstream-secret" in sent.lower()
    assert b"basic" not in sent.lower()


REFUSED = [
    ("POST", "/forward/elsewhere/x", 404, "no_upstream"),
    ("DELETE", "/forward/there/x", 405, "bad_method"),
    ("GET", "/forward/there/../admin", 400, "bad_path"),
    ("GET", "/forward/there/%2e%2e/admin", 400, "bad_path"),
    ("GET", "/forward/there/%252e%252e/admin", 400, "bad_path"),
    ("GET", "/forward/there/a//b", 400, "bad_path"),
    ("GET", "/forward/there/a%2fb", 400, "bad_path"),
    ("GET", "/forward/there/a%5cb", 400, "bad_path"),
    ("GET", "/forward/there/a%0d%0ab", 400, "bad_path"),
    ("GET", "/forward/there/a;b", 400, "bad_path"),
    ("GET", "/elsewhere", 404, "no_endpoint"),
    ("GET", "/messages", 405, "bad_method"),
]


async def test_request_is_refused_when_it_is_none_that_is_forwarded(tmp_path):
    async with Upstream().serving() as court:
        async with site(settings(tmp_path, http(upstream_table(court)))) as gate:
            for method, path, status, kind in REFUSED:
                got = await gate.ask(method, path)
                assert (got.status, got.json["type"]) == (status, f"urn:holdwatch:problem:{kind}"), path
            assert gate.entries() == []
        assert court.requests == []


async def test_redirect_is_not_followed(tmp_path):
    async with Upstream().serving() as ice, Upstream().serving() as court:
        moved = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {ice.url}/x\r\nContent-Length: 0\r\n\r\n"
        court.answer = moved.encode()
        async with site(settings(tmp_path, http(upstream_table(court)))) as gate:
            got = await gate.ask("POST", "/forward/there/filings", RELEASE)
        assert (got.status, got.json["type"]) == (502, "urn:holdwatch:problem:redirected")
        assert "location" not in got.headers
        assert (len(court.requests), len(ice.requests)) == (1, 0)


async def test_outcome_waits_for_a_person_when_an_authority_drops_the_connection(tmp_path):
    async with Upstream(answer=b"").serving() as ice:
        async with site(settings(tmp_path, http(upstream_table(ice, agency=ICE)))) as gate:
            got = await gate.ask("POST", "/forward/there/status", STATUS)
            assert gate.kinds()[-1] == ("message.unknown", "unknown")
            assert gate.parts.book.counts() == {"unknown": 1}
        assert (got.status, got.json["type"]) == (504, "urn:holdwatch:problem:unknown_outcome")
        assert len(ice.requests) == 1


async def test_nothing_is_tried_again_when_an_upstream_is_not_there(tmp_path):
    there = Upstream(port=free_port())
    async with site(settings(tmp_path, http(upstream_table(there, agency=ICE)))) as gate:
        got = await gate.ask("POST", "/forward/there/status", STATUS)
        assert gate.kinds()[-1] == ("message.refused", "refused")
        assert await gate.listener._forwarding.send_approved() == 0
    assert (got.status, got.json["type"]) == (502, "urn:holdwatch:problem:unreachable")


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
async def test_outcome_is_unknown_when_the_answer_is_nonsense_or_half_of_one(tmp_path, answer):
    async with Upstream(answer=answer).serving() as ice:
        async with site(settings(tmp_path, http(upstream_table(ice, agency=ICE)))) as gate:
            got = await gate.ask("POST", "/forward/there/status", STATUS)
            assert gate.parts.book.counts() == {"unknown": 1}
        assert got.status == 504


async def test_message_id_is_taken_once(tmp_path):
    async with Upstream().serving() as ice:
        async with site(settings(tmp_path, http(upstream_table(ice, agency=ICE)))) as gate:
            own = {"Holdwatch-Message-Id": "m-17"}
            first = await gate.ask("POST", "/forward/there/status", STATUS, own)
            second = await gate.ask("POST", "/forward/there/status", STATUS, own)
        assert (first.status, second.status) == (200, 409)
        assert second.json["type"] == "urn:holdwatch:problem:already_filed"
        assert len(ice.requests) == 1


async def test_blocked_message_leaves_once_when_it_was_approved(tmp_path):
    async with Upstream().serving() as ice:
        async with site(settings(tmp_path, http(upstream_table(ice, agency=ICE)))) as gate:
            headers = {"Holdwatch-Message-Id": "m-18", "Holdwatch-User": "alice"}
            got = await gate.ask("POST", "/forward/there/status", RELEASE, headers)
            assert got.status == 403
            await approve(gate, "m-18")
            await until(lambda: gate.parts.book.counts() == {"sent": 1})
            assert await gate.listener._forwarding.send_approved() == 0
        [sent] = ice.requests
        assert b"07:30" in sent


async def approve(gate, message_id):
    booking = booked(gate.installation)
    basis = Basis(LegalBasis.COURT_ORDER, "Order 26-1", gate.parts.now() + HOUR, booking)
    _, request = await asyncio.to_thread(gate.parts.quarantine.approve, message_id, basis, actor="bob")
    assert request.permit
