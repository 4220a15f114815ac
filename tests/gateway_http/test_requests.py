"""Decisions for systems that act themselves: a permit is given once, and what is blocked waits to be approved."""

import asyncio

from tests.gateway_http.site import booked, settings, site
from tests.gateway_http.test_forward import approve

STATUS = "citizenship_or_immigration_status"
WARRANT = (
    "jail.hold.placed.v1",
    {
        "hold_id": "h1",
        "kind": "judicial_warrant",
        "issuer": {"court": "U.S. District Court", "official_title": "Magistrate Judge"},
    },
)
VERIFIED = ("jail.warrant.verified.v1", {"hold_id": "h1", "verified_by": "clerk"})


def message(content, *recipients, **more):
    return {
        "message_id": "m-1",
        "channel": "fax",
        "sender": {"user": "alice"},
        "recipients": list(recipients or ({"agency": "ICE"},)),
        "content": content,
        **more,
    }


async def test_permit_is_handed_out_once(tmp_path):
    async with site(settings(tmp_path)) as gate:
        first = await gate.ask("POST", "/messages", message({STATUS: "LPR"}))
        second = await gate.ask("POST", "/messages", message({STATUS: "LPR"}))
        other = await gate.ask("POST", "/messages", message({STATUS: "USC"}))
        kinds = [kind for kind, _ in gate.kinds()]
    assert (first.status, first.json["decision"], first.json["message_id"]) == (200, "permit", "m-1")
    assert (second.status, second.json["type"]) == (409, "urn:holdwatch:problem:handed_out")
    assert (other.status, other.json["type"]) == (409, "urn:holdwatch:problem:already_filed")
    assert kinds == ["message.accepted", "message.decided", "message.sending", "message.sent", "message.turned_away"]


async def test_message_is_blocked_and_handed_out_once_it_is_approved(tmp_path):
    async with site(settings(tmp_path)) as gate:
        asked = message({"release_time": "07:30"}, text="Quillfeather is out at 07:30")
        for _ in range(2):
            got = await gate.ask("POST", "/messages", asked)
            assert (got.status, got.json["decision"], got.json["message_id"]) == (403, "block", "m-1")
            assert got.json["provisions"]
            assert b"quillfeather" not in got.body.lower()
        await approve(gate, "m-1")
        await asyncio.sleep(0)
        assert await gate.listener._forwarding.send_approved() == 0
        assert [(await gate.ask("POST", "/messages", asked)).status for _ in range(2)] == [200, 409]


async def test_each_recipient_is_decided_for_itself(tmp_path):
    asked = message(
        {"release_time": "07:30"},
        {"agency": "ICE"},
        {"ori": "WVIAFIS0Z"},
        {"address": "https://[::1/"},
        {"agency": "Court"},
    )
    async with site(settings(tmp_path)) as gate:
        got = await gate.ask("POST", "/messages", asked)
    assert got.status == 403
    assert [each["decision"] for each in got.json["recipients"]] == ["block", "permit", "permit", "permit"]
    assert [each["message_id"] for each in got.json["recipients"]] == ["m-1-1", "m-1-2", "m-1-3", "m-1-4"]


ACCESS = [
    ({"agency": "ICE", "mode": "telephone"}, "", 403, "M-h: without a judge nobody reaches the person"),
    ({"agency": "ICE", "mode": "in_person"}, "B-1", 200, "a judge's warrant is on file"),
    ({"agency": "ICE", "mode": "in_person"}, "B-2", 403, "it is on file for somebody else"),
    ({"agency": "Public Defender", "mode": "video"}, "", 200, "counsel is not the gate's business"),
]


async def test_access_is_decided(tmp_path):
    async with site(settings(tmp_path)) as gate:
        booked(gate.installation, WARRANT, VERIFIED)
        for number, (asked, booking, status, because) in enumerate(ACCESS):
            got = await gate.ask("POST", f"/access?booking={booking}", {"access_id": f"a-{number}", **asked})
            assert (got.status, got.json["access_id"]) == (status, f"a-{number}"), because
            assert gate.kinds()[-1] == ("access.decided", "permit" if status == 200 else "block")
        rows = [(row.request, row.request_id, row.booking) for row in gate.installation.records.decisions()]
    assert rows == [("access_id", f"a-{number}", row[1]) for number, row in enumerate(ACCESS)]


ASSISTANCE = [
    ("ICE", "joint_operation", 403),
    ("ICE", "traffic_or_perimeter_support", 200),
    ("State Police", "joint_operation", 200),
    ("State Police", "immigration_function_287g", 403),
]


async def test_assistance_is_decided(tmp_path):
    async with site(settings(tmp_path)) as gate:
        for agency, kind, status in ASSISTANCE:
            got = await gate.ask("POST", "/assistance", {"assistance_id": "s-1", "agency": agency, "kind": kind})
            assert (got.status, got.json["assistance_id"]) == (status, "s-1")
            assert got.json["provisions"]
            assert gate.kinds()[-1] == ("assistance.decided", "permit" if status == 200 else "block")


REFUSED = [
    ("/messages", b"{", 422, "bad_request"),
    ("/messages", b'{"message_id": "m", "canary": "Quillfeather"}', 422, "bad_request"),
    ("/access", b'{"access_id": "a", "agency": "ICE", "mode": "carrier pigeon"}', 422, "bad_request"),
    ("/access?source=/jms/elsewhere", b'{"access_id": "a", "agency": "ICE", "mode": "video"}', 422, "bad_request"),
    ("/access?booking=a&booking=b", b'{"access_id": "a", "agency": "ICE", "mode": "video"}', 400, "bad_query"),
    (
        "/access?booking=Juan%20Quillfeather",
        b'{"access_id": "a", "agency": "ICE", "mode": "video"}',
        400,
        "bad_booking",
    ),
    ("/access?who=a", b'{"access_id": "a", "agency": "ICE", "mode": "video"}', 400, "bad_query"),
]


async def test_request_is_refused_when_it_is_none(tmp_path):
    async with site(settings(tmp_path)) as gate:
        for path, body, status, kind in REFUSED:
            got = await gate.ask("POST", path, body)
            assert (got.status, got.json["type"]) == (status, f"urn:holdwatch:problem:{kind}"), path
            assert b"quillfeather" not in got.body.lower()
        assert gate.entries() == []
