"""A later pack never rewrites what was raised under an earlier one."""

from dataclasses import replace

import orjson
import pytest

from integration.audit.merkle import Tree
from integration.domain.instants import HOUR
from integration.policy.pack import Pack, load
from integration.services.desk import Desk
from integration.services.intake import Input, Intake
from integration.services.recorder import Recorder, salts_of_content
from tests.memory_store import MemoryStore

DAY = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
CHANGE = DAY + 19 * HOUR


def packs() -> tuple[Pack, Pack]:
    early = load("lansing-eo-2017-01")
    longer = replace(early.parameters, release_processing_other=10 * HOUR)
    return early, replace(early, revision="f" * 64, parameters=longer)


def event(hour: int, kind: str, /, **data: object) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"e{hour}-{kind}",
            "source": "/jms/a",
            "type": f"jail.{kind}.v1",
            "subject": "B1",
            "time": f"2026-01-01T{hour:02}:00:00Z",
            "data": data,
        }
    )


HELD_PAST_RELEASE = [
    event(8, "booking.opened"),
    event(8, "hold.placed", hold_id="h", kind="charge"),
    event(11, "release.due", due_at="2026-01-01T12:00:00Z", reason="charges_dropped"),
]


def run(*, remembered: bool) -> tuple[MemoryStore, Desk]:
    early, late = packs()
    store = MemoryStore()
    desk = Desk(
        store,
        Recorder(Tree(), salts_of_content),
        lambda _source, now: late if now >= CHANGE else early,
        place="test",
        earlier=(early, late) if remembered else (),
    )
    take(desk, HELD_PAST_RELEASE, DAY + 11 * HOUR)
    desk.advance(DAY + 18 * HOUR)
    return store, desk


def take(desk: Desk, lines: list[bytes], now: int) -> None:
    inputs = [Input(f"test:{number}", line) for number, line in enumerate(lines)]
    Intake(desk).take(inputs, lambda _event: now, pass_time=lambda _now: None)


def test_finding_stays_when_a_later_pack_would_allow_more_time():
    store, desk = run(remembered=True)
    take(desk, [event(20, "hold.lifted", hold_id="other")], DAY + 20 * HOUR)
    (row,) = store.findings.values()
    assert (row.status, row.pack_revision) == ("open", packs()[0].revision)


def test_finding_is_resolved_under_its_own_pack_when_the_person_leaves():
    store, desk = run(remembered=True)
    take(desk, [event(21, "release.completed")], DAY + 21 * HOUR)
    (row,) = store.findings.values()
    assert (row.status, row.until, row.pack_revision) == ("resolved", DAY + 21 * HOUR, packs()[0].revision)


def test_finding_is_withdrawn_when_its_own_pack_no_longer_says_it():
    store, desk = run(remembered=True)
    take(desk, [event(12, "release.completed")], DAY + 20 * HOUR)
    (row,) = store.findings.values()
    assert row.status == "withdrawn"


def test_finding_stands_as_told_when_its_pack_is_not_loaded_any_more():
    store, desk = run(remembered=False)
    take(desk, [event(20, "hold.lifted", hold_id="other")], DAY + 20 * HOUR)
    (row,) = store.findings.values()
    assert (row.status, row.pack_revision) == ("open", packs()[0].revision)


ENDS = (
    ([event(20, "booking.voided")], "withdrawn", None, "nothing of a voided booking stands"),
    ([event(12, "release.completed")], "withdrawn", None, "nobody was held past noon"),
    ([event(20, "event.retracted", retracts="e11-release.due")], "withdrawn", None, "the charge went on holding"),
    ([event(10, "hold.placed", hold_id="w", kind="agency_hold")], "withdrawn", None, "another authority all along"),
    ([event(19, "release.completed")], "resolved", 19, "they left"),
    ([event(19, "hold.placed", hold_id="w", kind="agency_hold")], "resolved", 19, "another authority since"),
    ([event(20, "hold.lifted", hold_id="other")], "open", None, "nothing has changed"),
)


@pytest.mark.parametrize(("lines", "status", "until", "because"), ENDS, ids=[each[-1] for each in ENDS])
def test_finding_ends_as_the_facts_have_it_when_its_pack_is_not_loaded_any_more(lines, status, until, because):
    store, desk = run(remembered=False)
    take(desk, lines, DAY + 20 * HOUR)
    (row,) = [each for each in store.findings.values() if each.since == DAY + 12 * HOUR]
    assert row.status == status
    if until is not None:
        assert row.until == DAY + until * HOUR


COURT_WARRANT = event(
    13,
    "hold.placed",
    hold_id="w",
    kind="judicial_warrant",
    issuer={"court": "54-A District Court", "official_name": "A", "official_title": "Judge"},
)


def test_finding_stays_open_when_only_some_packs_would_end_it():
    """A warrant that nobody has verified: enough under one pack, not under another."""
    store, desk = run(remembered=False)
    take(desk, [COURT_WARRANT], DAY + 20 * HOUR)
    (row,) = store.findings.values()
    assert row.status == "open"
    verified = event(21, "warrant.verified", hold_id="w", verified_by="clerk")
    take(desk, [verified], DAY + 21 * HOUR)
    (row,) = store.findings.values()
    assert (row.status, row.until) == ("resolved", DAY + 21 * HOUR)


def test_finding_ends_by_itself_when_its_pack_is_not_loaded_any_more_and_its_end_comes():
    store, desk = run(remembered=False)
    take(desk, [event(20, "hold.placed", hold_id="later", kind="charge")], DAY + 20 * HOUR)
    assert [each.status for each in store.findings.values()] == ["resolved"]
    take(desk, [event(21, "hold.lifted", hold_id="later")], DAY + 21 * HOUR)
    desk.advance(DAY + 400 * 24 * HOUR)
    assert [each.status for each in store.findings.values()].count("resolved") == 1


def test_what_becomes_known_at_one_instant_is_assessed_together():
    store, desk = MemoryStore(), None
    early, _ = packs()
    desk = Desk(store, Recorder(Tree(), salts_of_content), lambda _source, _now: early, place="test")
    # An opening of yesterday without its hold would be overdue; the hold stands in the same batch.
    take(desk, [event(1, "booking.opened"), event(1, "hold.placed", hold_id="h", kind="charge")], DAY + 30 * HOUR)
    assert not store.findings
