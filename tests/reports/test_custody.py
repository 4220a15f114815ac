"""Custody ends once: who left is counted once, whatever the feed tells afterwards. Counted by three roads."""

from datetime import date
from pathlib import Path

import orjson
import pytest

from integration.reports.columns import load_columns
from integration.reports.counting import papers, parity
from integration.reports.counting.period import Period
from integration.reports.counting.register import Register, Wanted
from integration.reports.counting.standing import Standing
from integration.reports.pages import council
from integration.reports.pages import parity as parity_page
from tests.reports import auditor
from tests.reports.independent import Count, instants
from tests.reports.logs import ZONE, bodies, event, exported
from tests.reports.story import DETAINER

HALVES = (Period(date(2026, 1, 1), date(2026, 7, 1), ZONE), Period(date(2026, 7, 1), date(2027, 1, 1), ZONE))
OPENED = event(1, "booking.opened", "2026-02-01T10:00", {})
CHARGE = event(2, "hold.placed", "2026-02-01T10:00", {"hold_id": "c", "kind": "charge"})


def transfer(number: int, time: str, **more: object) -> bytes:
    return event(number, "custody.transferred", time, {"to_agency": "ICE", "temporary": False, **more})


def standing(log: Path, wanted: Wanted) -> Standing:
    entries = bodies(log)
    register = Register(wanted, None)
    register.read(entries, len(entries))
    return Standing(register)


def three_counts(log: Path) -> list[list[int]]:
    """People transferred in each half of the year, as the program, the SQL and the auditor count them."""
    found, sql = standing(log, council.wanted(load_columns("m-4"))), Count(log)
    theirs = auditor.Log(enumerate(orjson.loads(body) for body in bodies(log) if body), "")
    counts = []
    for half in HALVES:
        times = instants(half.first, half.end, half.zone)
        audited = auditor.counted(theirs, times["start"], times["end"])["transferred"]
        program = papers.transferred(found, half).total
        counts.append([program, sum(sql.transferred(**times).values()), sum(row[0] for row in audited)])
    return counts


TWICE = [transfer(5, "2026-06-29T10:00"), transfer(6, "2026-06-30T10:00"), transfer(7, "2026-07-01T10:00")]


@pytest.mark.parametrize(
    ("lines", "halves", "because"),
    [
        ([OPENED, CHARGE, *TWICE], (1, 0), "a feed that tells it three times tells of one person"),
        (
            [OPENED, CHARGE, event(4, "release.completed", "2026-03-01T10:00", {}), *TWICE],
            (0, 0),
            "who was released was not there to be transferred",
        ),
        (
            [OPENED, CHARGE, transfer(4, "2026-03-01T10:00", temporary=True), TWICE[2]],
            (0, 1),
            "who comes back has not left",
        ),
        ([OPENED, CHARGE, transfer(4, "2026-01-15T10:00"), TWICE[2]], (0, 1), "nobody leaves before coming"),
        ([CHARGE, transfer(4, "2026-01-15T10:00"), TWICE[2]], (0, 1), "without an opening custody begins with a hold"),
        (
            [
                event(1, "booking.opened", "2026-01-10T10:00", {}),
                CHARGE,
                transfer(4, "2026-01-15T10:00"),
                TWICE[2],
                event(8, "event.retracted", "2026-07-02T10:00", {"retracts": "e-1"}),
            ],
            (0, 1),
            "an opening that is retracted begins nothing",
        ),
        ([TWICE[0], TWICE[2]], (1, 0), "where no start is known the earliest counts"),
    ],
)
def test_a_person_counts_as_transferred_once_when_custody_ended_so(tmp_path, lines, halves, because):
    log = exported(tmp_path / "log", lines)
    assert three_counts(log) == [[each] * 3 for each in halves], because


@pytest.mark.parametrize(
    ("lodged", "with_paper", "because"),
    [
        ("2026-02-02T10:00", True, "it was on file when the entitlement began"),
        ("2026-02-02T11:00", False, "the longer somebody waits, the likelier a paper comes"),
    ],
)
def test_a_release_counts_with_a_paper_when_it_was_on_file_at_the_entitlement(tmp_path, lodged, with_paper, because):
    lines = [
        OPENED,
        CHARGE,
        event(3, "release.due", "2026-02-02T10:00", {"due_at": "2026-02-02T10:00:00Z", "reason": "acquitted"}),
        event(4, "hold.placed", lodged, {"hold_id": "d", **DETAINER}),
        event(5, "release.completed", "2026-02-02T12:00", {}),
    ]
    log = exported(tmp_path / "log", lines)
    compared = parity.parity(standing(log, parity_page.WANTED), HALVES[0])
    assert compared.hours(with_paper=with_paper) == [2.0], because
    assert compared.hours(with_paper=not with_paper) == []
    _, hours = Count(log).released(**instants(HALVES[0].first, HALVES[0].end, ZONE))
    assert hours == {with_paper: [2.0], not with_paper: []}, because


DUE = event(3, "release.due", "2026-02-02T10:00", {"due_at": "2026-02-02T10:00:00Z", "reason": "acquitted"})
LEFT = event(5, "release.completed", "2026-02-02T12:00", {})


def placed(number: int, time: str, hold_id: str, **data: object) -> bytes:
    return event(number, "hold.placed", time, {"hold_id": hold_id, **data})


@pytest.mark.parametrize(
    ("lines", "group", "because"),
    [
        (
            [placed(4, "2026-02-02T11:00", "c", kind="charge")],
            "without",
            "a charge that is placed again is the charge of before, from its first placing on",
        ),
        ([placed(4, "2026-02-02T11:00", "c2", kind="charge")], "other_ground", "a later charge is another ground"),
        (
            [placed(4, "2026-02-01T11:00", "a", kind="agency_hold"), placed(6, "2026-02-01T12:00", "a", kind="charge")],
            "without",
            "the latest label stands in for all",
        ),
        (
            [placed(4, "2026-02-01T11:00", "a", kind="agency_hold", expires_at="2026-02-02T09:00:00Z")],
            "without",
            "a hold that had expired is no ground",
        ),
        (
            [placed(4, "2026-02-01T11:00", "d", **DETAINER, expires_at="2026-02-02T10:00:00Z")],
            "without",
            "nor is a paper that had expired on file",
        ),
        (
            [placed(4, "2026-02-01T11:00", "d", **DETAINER, expires_at="2026-02-02T10:00:01Z")],
            "with",
            "one that expires a second later is",
        ),
        (
            [event(7, "custody.transferred", "2026-02-02T11:30", {"to_agency": "Sheriff", "temporary": False})],
            "transferred",
            "who left by transfer is told, and not compared",
        ),
        (
            [event(7, "release.completed", "2026-01-30T12:00", {})],
            "without",
            "a release from before the custody ends nothing, whatever came in first",
        ),
    ],
)
def test_a_release_is_compared_by_whole_holds_when_they_are_placed_again(tmp_path, lines, group, because):
    """Counted by the program, which passes most holds over, and by the SQL, which reads all."""
    log = exported(tmp_path / "log", [OPENED, CHARGE, DUE, *lines, LEFT])
    found = parity.parity(standing(log, parity_page.WANTED), HALVES[0])
    sql_left, sql_hours = Count(log).released(**instants(HALVES[0].first, HALVES[0].end, ZONE))
    left = {row: number for (row, _), number in found.left_out.cells.items() if number}
    hours = {side: found.hours(with_paper=side) for side in (True, False)}
    assert (left, hours) == (sql_left, sql_hours), because
    if group in {"with", "without"}:
        assert hours[group == "with"] == [2.0], because
    else:
        assert left == {group: 1}, because
