"""The page on which papers are typed in: what it enters, for whom, and what it refuses."""

from hashlib import sha256

import orjson

from tests.console.site import HERE, THERE, TOKEN

SCAN = b"\x89PNG\r\n\x1a\n a fax"
PAPER = {
    "source": HERE,
    "booking": "B-1",
    "kind": "administrative_warrant",
    "form": "I-200",
    "at": "2026-03-02T14:00",
    "agency": "ICE",
}


async def enter(visitor, scan=None, **changed):
    page = await visitor.get("/papers")
    files = {"scan": ("fax.png", scan or b"", "image/png")}
    return await visitor.client.post(
        "/papers", data={"csrf": TOKEN.search(page.text)[1], **PAPER, **changed}, files=files
    )


def typed_in(console):
    return [each for each in console.entries("event.accepted") if each["actor"].startswith("officer:")]


async def test_paper_counts_with_its_scan_and_its_officer_when_it_is_typed_in(console, tmp_path):
    visitor = await console.visitor("supervisor")
    page = await enter(visitor, SCAN)
    assert (page.status_code, "The paper is entered" in page.text) == (200, True), page.text
    (entry,) = typed_in(console)
    digest = sha256(SCAN).hexdigest()
    assert (entry["actor"], entry["booking"], entry["detail"]["scan"]) == ("officer:supervisor", "B-1", digest)
    assert entry["detail"]["time"] == "2026-03-02T19:00:00.000000Z", "by the facility's clock"
    assert [path.name for path in (tmp_path / "state" / "scans").iterdir()] == [digest]
    again = await enter(visitor, SCAN)
    assert "on record already" in again.text
    assert len(typed_in(console)) == 1


async def test_paper_ends_when_its_issuer_takes_it_back(console):
    visitor = await console.visitor("compliance")
    await enter(visitor, hold_id="fax-1")
    page = await visitor.post(
        "/papers/about",
        page="/papers",
        act="withdrawn",
        source=HERE,
        booking="B-1",
        hold_id="fax-1",
        at="2026-03-02T14:10",
    )
    assert "taken back" in page.text, page.text
    assert [each["detail"]["type"] for each in typed_in(console)] == ["jail.hold.placed.v1", "jail.hold.lifted.v1"]


async def test_what_was_typed_stands_there_again_when_something_is_wrong(console):
    visitor = await console.visitor("supervisor")
    for changed, says in [
        ({"booking": "B-99"}, "nobody was booked"),
        ({"at": "2026-03-02T15:00"}, "still to come"),
        ({"kind": "charge"}, "what kind of paper"),
        ({"at": ""}, "when did it happen"),
    ]:
        page = await enter(visitor, **changed)
        assert (page.status_code, says in page.text) == (400, True), page.text
        assert 'value="I-200"' in page.text
    page = await enter(visitor, b"MZ a program")
    assert "PDF, TIFF, PNG or JPEG" in page.text
    assert typed_in(console) == []


async def test_facility_is_not_there_when_somebody_has_no_role_for_it(console):
    visitor = await console.visitor("local")
    assert (await enter(visitor)).status_code == 404
    assert (await enter(visitor, source="/jms/nowhere")).status_code == 404
    page = await enter(visitor, source=THERE, booking="T-1")
    assert page.status_code == 200
    assert [each["source"] for each in typed_in(console)] == [THERE]


async def test_request_is_turned_away_when_it_is_longer_than_a_scan(console):
    visitor = await console.visitor("supervisor")
    page = await visitor.client.post("/papers", content=bytes(8 * 2**20 + 2**17))
    assert page.status_code == 413
    page = await visitor.client.post("/papers/about", content=bytes(2**17))
    assert page.status_code == 413


async def test_name_of_a_person_is_nowhere_when_a_scan_is_refused(console, tmp_path):
    visitor = await console.visitor("supervisor")
    await enter(visitor, b"Quillfeather, Zebulonia: no scan at all")
    bodies = [orjson.dumps(each) for each in console.entries("event.accepted")]
    assert not any(b"Quillfeather" in body for body in bodies)
    assert not (tmp_path / "state" / "scans").exists()
