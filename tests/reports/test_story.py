"""Every figure of a few invented bookings, counted on the fingers."""

import orjson
import pytest

from integration.reports.counting.holds import CAUSES
from integration.reports.counting.papers import requests
from integration.reports.counting.register import Register
from integration.reports.counting.standing import Standing
from integration.reports.document import Document, Table
from integration.reports.making import make
from integration.reports.pages import council
from tests.reports.logs import asked, bodies, event, exported
from tests.reports.story import DETAINER, EVENTS


def tables(document: Document) -> dict[str, Table]:
    return {table.name: table for section in document.sections for table in section.tables}


def rows(document: Document, name: str) -> dict[object, dict[str, object]]:
    table = tables(document)[name]
    return {row[0]: dict(zip(table.columns[1:], row[1:], strict=True)) for row in table.rows}


def text(document: Document, name: str) -> str:
    return " ".join(next(section.text for section in document.sections if section.name == name))


@pytest.fixture(scope="module")
def report(story, story_size):
    return lambda kind, **more: make(asked(kind, story_size, **more), bodies(story))


def nonzero(found: dict[object, dict[str, object]]) -> dict[tuple[object, str], object]:
    return {
        (row, column): value
        for row, cells in found.items()
        for column, value in cells.items()
        if value != 0 and row != "Total" and column != "Total"
    }


def test_requests_count_once_by_what_the_paper_is_when_they_stand(report):
    """Voided and retracted ones do not; an I-200 typed in as a judicial warrant is an administrative warrant."""
    found = rows(report("council"), "requests")
    assert nonzero(found) == {
        ("Detainers (holds)", "Final order of removal"): 1,
        ("Detainers (holds)", "Several reasons"): 1,
        ("Administrative warrants", "No reason stated"): 1,
        ("Notification requests", "No reason stated"): 1,
    }
    assert found["Total"]["Total"] == 4


def test_people_count_as_detained_when_kept_on_the_paper_alone(report):
    assert nonzero(rows(report("council"), "detained")) == {("Detainers (holds)", "Final order of removal"): 1}


def test_people_count_as_transferred_when_an_immigration_authority_took_them(report):
    found = rows(report("council"), "transferred")
    assert [found[name]["People"] for name in ("On a judicial warrant", "Without a judicial warrant")] == [0, 1]


def test_reimbursements_stand_by_case_when_money_came(report):
    assert tables(report("council"))["reimbursements"].rows == (
        ("Case 1 (/jms/a B-1)", "2026-05-01 08:00 -0400", "USD", "120.50"),
        ("Total", "", "USD", "120.50"),
    )


def test_a_late_fact_corrects_its_own_period_when_it_is_learned(report):
    found = rows(report("council"), "corrections_2025_07_01_2025_12_31")
    assert found == {
        "Requests lodged, by kind and stated reason: Detainers (holds), No reason stated": {
            "Then": 0,
            "Now": 1,
            "Change": 1,
        }
    }


def test_the_public_copy_tells_no_correction_in_numbers_when_counts_are_left_out(report):
    public = report("council", public=True, suppress_below=3)
    assert "corrections_2025_07_01_2025_12_31" not in tables(public)
    assert "Figures changed" in text(public, "corrections")


def test_the_public_copy_names_no_booking_when_it_is_asked_for(report):
    for kind in ("council", "parity", "holds", "gate"):
        for below in (0, 3):
            document = report(kind, public=True, suppress_below=below)
            told = repr(document)
            assert not [number for number in ("B-1", "B-2", "B-5", "R-1") if number in told], kind


def test_zeros_are_printed_when_nothing_happened(report):
    document = report("council", first="2026-04-02", end="2026-04-30")
    assert nonzero(rows(document, "requests")) == {}
    assert "Total" in rows(document, "detained"), "zeros are printed"


@pytest.mark.parametrize(
    ("first", "end", "because"),
    [
        ("2024-01-01", "2024-07-01", "it was over before the log began"),
        ("2026-04-02", "2026-05-02", "it is not over"),
        ("2025-01-01", "2025-10-01", "nobody was writing then"),
    ],
)
def test_nothing_is_certified_when_the_log_does_not_cover_the_period(report, first, end, because):
    """No entry is no proof that nothing happened."""
    document = report("council", first=first, end=end, columns="illinois")
    assert not document.signature, because
    assert "nothing is certified" in document.notes[-1]


def test_nothing_is_certified_when_the_log_does_not_know_the_facility(report):
    """Somebody mistyped it."""
    document = report("council", first="2026-04-02", end="2026-04-30", facility="/jms/A")
    assert not document.signature
    assert "none of them of this facility" in dict(document.facts)["Log"]


def test_hours_run_from_the_standing_entitlement_when_releases_are_compared(report):
    document = report("parity")
    assert tables(document)["medians"].rows == (
        ("With a paper", 1, 8.0, 8.0, 8.0),
        ("Without a paper", 2, 1.5, 1.0, 2.0),
    )
    assert "p = 0.6667 (every possible dealing was counted)" in text(document, "comparison")


def test_a_stay_past_release_is_told_with_hours_and_cause_when_it_happened(report):
    document = report("holds")
    stays = [row[:2] + row[4:] for row in tables(document)["stays"].rows]
    assert stays == [
        ("/jms/a B-1", "On an immigration paper", 30.0, "Charges dropped"),
        ("/jms/a B-5", "On no paper", 8.0, "Bail posted"),
    ]
    assert rows(document, "hours_by_cause")["Charges dropped"]["On an immigration paper"] == 30.0
    assert rows(document, "hours_by_cause")["Bail posted"]["On no paper"] == 8.0
    days = rows(document, "person_days")
    assert days["2026-02-01 to 2026-02-28"]["On an immigration paper"] == 1.25
    assert days["Total"]["Total"] == pytest.approx(1.58)


def test_messages_count_by_last_decision_and_approvals_by_basis_when_decided(report):
    document = report("gate")
    assert nonzero(rows(document, "message")) == {("Immigration authority", "Permit"): 1}
    assert nonzero(rows(document, "approvals")) == {("Statute", "staff-17"): 1}
    assert nonzero(rows(document, "assistance")) == {("Immigration authority", "Block"): 1}


def test_a_message_counts_where_it_was_first_decided_when_it_was_decided_again_later():
    def decided(at: str, outcome: str) -> bytes:
        detail = {"message_id": "M-1", "recipient_class": "immigration_authority", "categories": ["hearing"]}
        about = {"kind": "message.decided", "at": at, "outcome": outcome, "actor": "service:intake", "source": "/jms/a"}
        rest = {"booking": "B-1", "pack": "", "pack_revision": "", "detail": detail}
        return orjson.dumps({**about, **rest}, option=orjson.OPT_SORT_KEYS)

    log = [decided("2026-02-10T00:00:00.000000Z", "block"), decided("2026-03-10T00:00:00.000000Z", "permit")]
    months = [("2026-02-01", "2026-03-01"), ("2026-03-01", "2026-04-01")]
    found = [nonzero(rows(make(asked("gate", 2, *month), log), "message")) for month in months]
    assert found == [{("Immigration authority", "Permit"): 1}, {}]


def test_each_paper_is_listed_with_its_outcome_when_illinois_asks(report):
    document = report("council", columns="illinois")
    released = "released", "2026-02-10 11:00 -0500", ""
    assert tables(document)["papers"].rows == (
        (
            *("1 (/jms/a B-1)", "Immigration detainer", "2026-02-01 04:00 -0500", ""),
            *("transferred", "2026-02-02 13:00 -0500", "ICE ERO"),
        ),
        ("2 (/jms/a B-2)", "Immigration detainer", "2026-02-10 05:00 -0500", "", *released),
        ("3 (/jms/a B-2)", "Administrative warrant", "2026-02-10 05:00 -0500", "", *released),
    )  # fmt: skip
    assert nonzero(rows(document, "assistance")) == {("Joint operation", "Block"): 1}


@pytest.mark.parametrize(
    ("first", "then", "outcome"),
    [
        ("release.completed", "custody.transferred", "released"),
        ("custody.transferred", "release.completed", "transferred"),
    ],
)
def test_a_paper_ends_with_what_came_first_when_a_person_left_twice(tmp_path, first, then, outcome):
    data = {"release.completed": {}, "custody.transferred": {"to_agency": "ICE", "temporary": False}}
    lines = [
        event(1, "hold.placed", "2026-02-01T08:00", {"hold_id": "d", **DETAINER}),
        event(2, first, "2026-02-02T08:00", data[first]),
        event(3, then, "2026-02-03T08:00", data[then]),
    ]
    entries = bodies(exported(tmp_path / "log", lines))
    document = make(asked("council", len(entries), columns="illinois"), entries)
    ((*_, how, when, _),) = tables(document)["papers"].rows
    assert (how, when[:10]) == (outcome, "2026-02-02")


def test_detainers_count_by_outcome_when_new_york_city_asks(report):
    assert nonzero(rows(report("council", columns="new-york-city"), "detainers")) == {
        ("Person transferred to an immigration authority", "Detainers (holds)"): 1,
        ("Not honored", "Detainers (holds)"): 1,
        ("Not honored", "Administrative warrants"): 1,
    }


def test_transfers_are_not_recorded_and_not_zero_when_the_log_is_older(story, story_size):
    """Entries that were written before they told the kind of agency."""
    old = [body and body.replace(b'"to_agency_class":"immigration_authority"', b'"x":1') for body in bodies(story)]
    document = make(asked("council", story_size), old)
    # Without a warrant it is a finding, which older logs have, too.
    assert [row[1] for row in tables(document)["transferred"].rows] == [0, 1, 1]


def test_a_transfer_on_a_warrant_is_not_recorded_when_the_log_is_older(tmp_path):
    log = exported(
        tmp_path / "log",
        [
            event(1, "booking.opened", "2026-02-01T08:00", {}),
            event(2, "custody.transferred", "2026-02-02T18:00", {"to_agency": "Kentmoor County", "temporary": False}),
        ],
    )
    size = len((log / "audit.jsonl").read_bytes().splitlines())
    now = make(asked("council", size), bodies(log))
    assert [row[1] for row in tables(now)["transferred"].rows] == [0, 0, 0]
    old = [body and body.replace(b'"to_agency_class":"other"', b'"x":1') for body in bodies(log)]
    before = make(asked("council", size), old)
    assert [row[1] for row in tables(before)["transferred"].rows] == ["not recorded", 0, "not recorded"]
    assert tables(before)["transferred"].note.startswith("1 transfers were")
    assert "not zero" in tables(before)["transferred"].note
    public = tables(make(asked("council", size, public=True, suppress_below=5), old))["transferred"]
    assert public.note.startswith("Fewer than 5 transfers were"), "a note tells no small count, either"
    assert not before.signature, "what is not recorded is not certified as zero"


def placings(*steps: tuple[str, str, dict]) -> list[bytes]:
    return [event(n, "hold.placed", time, data, booking=booking) for n, (booking, time, data) in enumerate(steps, 1)]


@pytest.mark.parametrize(
    ("steps", "moves", "lodged", "because"),
    [
        (
            [("B-1", "2026-02-01T08:00", {"kind": "charge"}), ("B-1", "2026-03-01T08:00", DETAINER)],
            [],
            ["2026-02-01"],
            "one paper from its first placing on, whatever its label was then",
        ),
        (
            [("B-1", "2026-02-01T08:00", DETAINER), ("B-1", "2026-03-01T08:00", {"kind": "charge"})],
            [],
            [],
            "the latest label stands in for all, and it is a charge's",
        ),
        (
            [("B-1", "2026-02-01T08:00", {"kind": "charge"}), ("B-2", "2026-03-01T08:00", DETAINER)],
            [("B-1", "B-2")],
            ["2026-02-01"],
            "the same hold under a number that was moved",
        ),
        (
            [('B "1\\"', "2026-02-01T08:00", {"kind": "charge"}), ('B "1\\"', "2026-03-01T08:00", DETAINER)],
            [],
            ["2026-02-01"],
            "a number with quotes and a backslash",
        ),
        (
            [("B-1", "2026-02-01T08:00", {"kind": "charge"}), ("B-2", "2026-03-01T08:00", DETAINER)],
            [],
            ["2026-03-01"],
            "another booking's hold of that number",
        ),
    ],
)
def test_a_hold_that_is_placed_again_is_one_paper_when_its_label_changes(tmp_path, steps, moves, lodged, because):
    lines = placings(*((booking, time, {"hold_id": 'h"1', **data}) for booking, time, data in steps))
    lines += [event(9, "booking.moved", "2026-03-02T08:00", {"into": into}, booking=old) for old, into in moves]
    log = exported(tmp_path / "log", lines)
    entries = bodies(log)
    register = Register(council.WANTED, None)
    register.read(entries, len(entries))
    assert [each.lodged[:10] for each in requests(Standing(register))] == lodged, because


def test_approvals_at_the_gate_count_when_a_second_person_gave_them(story, story_size):
    """Given at the gate itself, they are entries of their own and no events."""

    def act(kind: str, outcome: str, **detail: object) -> bytes:
        about = {"kind": kind, "outcome": outcome, "actor": "officer:17", "at": "2026-03-01T00:00:00.000000Z"}
        rest = {"source": "/jms/a", "booking": "", "pack": "", "pack_revision": "", "detail": detail}
        return orjson.dumps({**about, **rest}, option=orjson.OPT_SORT_KEYS)

    given = [
        act("approval.granted", "granted", legal_basis="court_order"),
        act("approval.granted", "not_accepted", legal_basis="court_order"),
        act("approval.withdrawn", "in_time", approval_ids=["a", "b"]),
    ]
    document = make(asked("gate", story_size + 3), [*bodies(story), *given])
    found = nonzero(rows(document, "approvals"))
    assert found == {("Statute", "staff-17"): 1, ("Court order", "officer:17"): 1}
    assert tables(document)["approvals"].note == "Withdrawn in the period: 2."


def test_a_filed_period_is_corrected_against_what_was_filed_when_it_was(tmp_path, story):
    """The filing says from how many entries it was counted; what came after is a correction."""
    late = event(
        90, "hold.placed", "2026-02-01T09:30", {"hold_id": "x", **DETAINER}, recordedtime="2026-08-01T08:00:00Z"
    )
    log = exported(tmp_path / "log", [*EVENTS[:6], late])
    everything = list(bodies(log))
    before = next(at for at, body in enumerate(everything) if body and b'"e-90"' in body)
    filed = asked("council", before).detail() | {"files": {}, "to": "folder"}
    entry = {
        "kind": "report.filed",
        "at": "2026-07-02T00:00:00.000000Z",
        "source": "",
        "booking": "",
        "outcome": "filed",
    }
    body = orjson.dumps({**entry, "detail": filed, "pack": "", "pack_revision": ""}, option=orjson.OPT_SORT_KEYS)
    size = len(everything) + 1
    document = make(asked("council", size, first="2026-07-01", end="2027-01-01"), [*everything, body])
    found = rows(document, "corrections_2026_01_01_2026_06_30")
    assert [(cells["Then"], cells["Now"]) for cells in found.values()] == [(0, 1), (1, 0), (0, 1)]
    assert "as filed from the first" in tables(document)["corrections_2026_01_01_2026_06_30"].caption


@pytest.mark.parametrize("reason", ["sentence_served", "charges_dropped", "own_recognizance"])
def test_the_entitlement_is_the_cause_when_the_hold_was_lifted_at_the_same_instant(tmp_path, reason):
    """NIEM documents and tables tell both with one time."""
    lines = [
        event(1, "booking.opened", "2026-02-01T08:00", {}),
        event(2, "hold.placed", "2026-02-01T08:00", {"hold_id": "c", "kind": "charge"}),
        event(3, "hold.placed", "2026-02-01T09:00", {"hold_id": "d", **DETAINER}),
        event(4, "release.due", "2026-02-02T10:00", {"due_at": "2026-02-02T10:00:00Z", "reason": reason}),
        event(5, "hold.lifted", "2026-02-02T10:00", {"hold_id": "c"}),
        event(6, "release.completed", "2026-02-03T10:00", {}),
    ]
    entries = bodies(exported(tmp_path / "log", lines))
    found = nonzero(rows(make(asked("holds", len(entries)), entries), "by_cause"))
    assert found == {(dict(CAUSES)[reason], "On an immigration paper"): 1}


@pytest.mark.parametrize(
    ("told", "row", "because"),
    [
        ([], "Person still in custody: not known yet", "nobody has refused it yet"),
        ([("release.completed", {"released_to": "self"})], "Not honored", "the person went home"),
    ],
)
def test_a_detainer_is_not_honored_only_when_the_person_has_left(tmp_path, told, row, because):
    lines = [
        event(1, "booking.opened", "2026-02-01T08:00", {}),
        event(2, "hold.placed", "2026-02-01T08:00", {"hold_id": "c", "kind": "charge"}),
        event(3, "hold.placed", "2026-02-01T09:00", {"hold_id": "d", **DETAINER}),
        *(event(4, kind, "2026-02-02T10:00", data) for kind, data in told),
    ]
    entries = bodies(exported(tmp_path / "log", lines))
    document = make(asked("council", len(entries), columns="new-york-city"), entries)
    assert nonzero(rows(document, "detainers")).keys() >= {(row, "Detainers (holds)")}, because
    assert rows(document, "detainers")["Total"]["Total"] == 1


def test_no_zero_is_certified_when_somebody_was_released_to_an_agency_without_a_name(tmp_path):
    """It may have been an immigration authority."""

    def report(to: str, **more: object) -> Document:
        lines = [
            *(event(n, "bail.set", f"2026-02-0{n}T06:00", {}, booking="B-9") for n in range(1, 5)),
            event(10, "booking.opened", "2026-02-01T08:00", {}),
            event(11, "hold.placed", "2026-02-01T08:00", {"hold_id": "c", "kind": "charge"}),
            event(12, "release.completed", "2026-02-02T10:00", {"released_to": to}),
        ]
        entries = bodies(exported(tmp_path / to, sorted(lines, key=lambda line: orjson.loads(line)["time"])))
        more = {"first": "2026-02-02", "end": "2026-02-04", **more}
        return make(asked("council", len(entries), **more), entries)

    assert report("self").signature
    document = report("agency")
    assert not document.signature
    assert tables(document)["transferred"].note.startswith("1 releases were into the hands of an agency")
    public = tables(report("agency", public=True, suppress_below=5))["transferred"]
    assert public.note.startswith("Some releases"), "a note tells no small count, either"


def test_long_waits_are_told_when_the_median_is_shorter(report, tmp_path):
    """One of three with a paper waits three days, the others leave at once: ranks and median call that shorter."""
    lines = []
    for n, (wait, paper) in enumerate([(72, True), (0, True), (0, True), (3, False), (3, False), (3, False)]):
        booking = {"booking": f"B-{n}"}
        lines += [
            event(10 * n, "booking.opened", "2026-02-01T08:00", {}, **booking),
            event(10 * n + 1, "hold.placed", "2026-02-01T08:00", {"hold_id": "c", "kind": "charge"}, **booking),
            event(10 * n + 2, "release.due", "2026-02-02T00:00",
                  {"due_at": "2026-02-02T00:00:00Z", "reason": "acquitted"}, **booking),
            event(10 * n + 3, "release.completed", f"2026-02-{2 + wait // 24:02d}T{wait % 24:02d}:00", {}, **booking),
        ]  # fmt: skip
        if paper:
            lines.append(event(10 * n + 4, "hold.placed", "2026-02-01T09:00", {"hold_id": "d", **DETAINER}, **booking))
    entries = bodies(exported(tmp_path / "log", lines))
    said = text(make(asked("parity", len(entries)), entries), "comparison")
    assert "The median time with a paper is shorter: 0.0 hours against 3.0." in said
    assert "with a paper 1 of 3 (33.3 %); without a paper 0 of 3 (0.0 %)" in said
    public = make(asked("parity", len(entries), public=True, suppress_below=5), entries)
    assert "24 hours" not in text(public, "comparison"), "a small count is told by no sentence"
