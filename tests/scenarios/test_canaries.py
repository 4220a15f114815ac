"""Names, birth dates, addresses, officials and message texts are planted; nothing that is told holds one."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import Holdwatch
from tests.faults.service import Service
from tests.oracle.cases import at
from tests.scenarios.bad import BAD

CANARIES = {
    "family": "Quaxwibble",
    "given": "Zorblatine",
    "birth date": "1907-11-23",
    "address": "4711 Wyvernmoor Street",
    "official": "Humphrette Bogglestone",
    "text": "she leaves by the snorkelgate",
    "value": "flumptonia",
    "status": "vexillated",
    "summary": "was told grimblefrotz",
    "reason": "because of thwackleberry",
    "against": "Deputy Plonkington",
    "mail": "quibblefax@example.org",
}
ICE = {"address": "duty@ice.dhs.gov", "agency": "ICE"}


def event(number: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"e{number}", "source": "/jms/a", "type": f"jail.{kind}.v1", "subject": "B1",
        "time": at(number), "data": data,
    }  # fmt: skip


def planted() -> list[dict[str, Any]]:
    """One event of each kind that may carry something personal, everything personal filled in."""
    said = CANARIES
    person = {"family_name": said["family"], "given_name": said["given"], "birth_date": said["birth date"]}
    issuer = {"court": "District Court", "official_title": "Judge", "official_name": said["official"]}
    content = {"home_address": said["address"], "release_time": said["value"], "place_of_birth": said["status"]}
    message = {
        "message_id": "m",
        "channel": "smtp",
        "sender": {"user": "clerk"},
        "content": content,
        "text": said["text"],
    }
    made = [
        ("booking.opened", {"person": {**person, "citizenship": said["status"]}, "basis": [said["reason"]]}),
        ("booking.opened", {"identification": said["reason"], "placeOfBirth": said["status"]}),
        ("hold.placed", {"hold_id": "C", "kind": "charge", "charge": {"description": said["summary"]}}),
        (
            "hold.placed",
            {"hold_id": "D", "kind": "immigration_detainer", "reasons": [said["reason"]], "issuer": issuer},
        ),
        ("hold.placed", {"hold_id": "W", "kind": "judicial_warrant", "issuer": issuer}),
        ("bail.refused", {"reason": said["reason"]}),
        ("hold.lifted", {"hold_id": "C", "reason": said["reason"]}),
        ("access.requested", {"access_id": "a", "agency": "ICE", "mode": "in_person", "purpose": said["reason"]}),
        ("message.requested", {**message, "recipients": [ICE, {"address": said["mail"]}]}),
        (
            "complaint.filed",
            {"complaint_id": "c", "summary": said["summary"], "against": said["against"], "received_by": "x"},
        ),
        ("approval.withdrawn", {"approval_id": "p", "reason": said["reason"]}),
        ("release.rescinded", {"reason": said["reason"]}),
        ("release.completed", {"released_to": "self", "reason": said["reason"]}),
        ("booking.voided", {"reason": said["reason"]}),
    ]
    return [event(number, kind, data) for number, (kind, data) in enumerate(made)]


def spoiled() -> list[bytes]:
    """The same events, each wrong in one way: their refusals must not repeat them either."""
    lines = []
    for number, good in enumerate(planted()):
        bad = {**good, "id": f"bad{number}"}
        lines.append(orjson.dumps({**bad, "time": CANARIES["value"]}))
        lines.append(orjson.dumps({**bad, "subject": [CANARIES["family"]]}))
        lines.append(orjson.dumps({**bad, "data": {**good["data"], "shoe_size": CANARIES["given"]}}))
        lines.append(orjson.dumps(bad)[:-15])
        lines.append(orjson.dumps({**good, "data": {**good["data"], "reason": CANARIES["against"]}}))
    return lines


def hits(text: str) -> list[str]:
    folded = text.casefold()
    return [name for name, canary in CANARIES.items() if canary.casefold() in folded]


def test_canaries_are_found_when_they_are_there():
    everything = "".join(str(each) for each in planted())
    assert len(hits(everything)) == len(CANARIES)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    service = Service(tmp_path_factory.mktemp("canaries"))
    lines = [orjson.dumps(each) for each in planted()] + spoiled() + [each.raw for each in BAD]
    service.put("feed.jsonl", lines)
    service.put("document.xml", [f"<BookingReport><a>{CANARIES['family']}</b></BookingReport>".encode()])
    try:
        assert service.finish() == 0
    finally:
        service.clean_up()
    with service.opened() as left:
        yield service, left


def test_no_log_line_holds_a_canary(served):
    service, left = served
    assert left.records.counts()["events"] == len(planted())
    assert hits(service.told.read_text()) == []


def test_no_audit_entry_holds_a_canary(served):
    _, left = served
    entries = [(row.body or b"").decode() for row in left.records.entries()]
    assert len(entries) > len(planted())
    assert [(entry, found) for entry in entries if (found := hits(entry))] == []


def test_no_refusal_holds_a_canary_in_its_text_and_each_is_kept_whole(served):
    _, left = served
    letters = list(left.records.dead_letters())
    assert [(letter.message, found) for letter in letters if (found := hits(letter.message + letter.place))] == []
    assert {left.records.raw_of(letter.number, left.vault) for letter in letters} > set(spoiled())


def test_nothing_that_is_kept_in_clear_holds_a_canary(served):
    # because dead letters are encrypted, facts keep no names, and the rest says less
    service, left = served
    left.store.engine.dispose()
    files = [each for each in (service.root / "state").rglob("*") if each.is_file() and "key" not in each.suffix]
    found = {each.name: hits(each.read_bytes().decode(errors="replace")) for each in files}
    # what the rules read stays in the facts: stated bases and offences of a charge
    allowed = {CANARIES["reason"], CANARIES["summary"]}
    assert {CANARIES[name] for names in found.values() for name in names} <= allowed


def test_no_output_of_a_replay_holds_a_canary_but_the_inputs_it_rejected(holdwatch: Holdwatch, tmp_path: Path):
    (tmp_path / "in.jsonl").write_bytes(b"\n".join([*(orjson.dumps(each) for each in planted()), *spoiled()]))
    out = tmp_path / "out"
    told = holdwatch("replay", tmp_path / "in.jsonl", "--policy", "lansing-eo-2017-01", "--out", out)
    assert hits((told.stdout + told.stderr).decode()) == []
    for file in out.iterdir():
        if file.name != "rejected.jsonl":
            assert hits(file.read_text()) == [], file.name
    rejected = [orjson.loads(line) for line in (out / "rejected.jsonl").read_bytes().splitlines()]
    assert hits("".join(each["message"] + each["place"] for each in rejected)) == []
    assert [each["input"].encode() for each in rejected] == spoiled()
