"""Another list beside the log: matched where there is one answer, listed where there are several or none."""

import itertools
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.errors import UsageError
from integration.reports.counting.matching import Line, Matched, match
from integration.reports.counting.papers import Request
from integration.reports.making import make
from integration.reports.reconciling import ListKind, read_list
from tests.reports.logs import ZONE, asked, bodies

DETAINER, REQUEST = "immigration_detainer", "notification_request"

# Structure of the agency's files: six rows above the heads, many columns that nobody here may look at.
ICE_HEAD = """Freedom of Information Act request,,,,,,,,
,,,,,,,,
,,,,,,,,
,,,,,,,,
,,,,,,,,
,,,,,,,,
"""
ICE_HEAD += "Detainer Prepare Date,Facility State,Detainer Facility,Detainer Facility Code,Detainer Type,Birth Date,"
ICE_HEAD += "Country,Anonymized Identifier,Detainer Lift Reason\n"
ICE = (
    ICE_HEAD
    + """2026-02-01 09:05,MI,Jail A,JAILA,I-247A - Detainer,1987-11-23,Nowhere,id-1,
2/10/2026,MI,Jail A,JAILA,I-247A - Detainer,1987-11-23,Nowhere,id-2,Lifted
2026-04-04,MI,Jail A,JAILA,I-247A - Detainer,1987-11-23,Nowhere,id-3,
soon,MI,Jail A,JAILA,I-247A - Detainer,1987-11-23,Nowhere,id-4,
2026-02-01,MI,Jail B,JAILB,I-247A - Detainer,1987-11-23,Nowhere,id-5,
"""
)
PAPER = """Received,Form,Booking Number,Name
2026-02-01,I-247A,B-1,Quillfeather
2026-03-10,I-247G,B-4,Quillfeather
2026-05-05,I-247A,B-77,Quillfeather
"""


def request(hold: str, day: str, kind: str = DETAINER, booking: str = "B-1") -> Request:
    return Request("/jms/a", booking, hold, f"{day}T17:00:00.000000Z", kind, (), frozenset({hold}), None, None)


def line(row: int, day: str, kind: str = DETAINER, booking: str = "", hold: str = "") -> Line:
    return Line(row, date.fromisoformat(day), kind, booking, hold)


def shape(found: Matched) -> tuple[object, ...]:
    pairs = [[(a.row, b.hold_id) for a, b in sorted(each)] for each in (found.by_booking, found.by_day)]
    groups = [([a.row for a in one], sorted(b.hold_id for b in two)) for one, two in found.ambiguous]
    return (*pairs, groups, [a.row for a in found.only_list], sorted(b.hold_id for b in found.only_log))


FEB = "2026-02-01"


@pytest.mark.parametrize(
    ("lines", "requests", "expected", "because"),
    [
        ([line(1, FEB)], [request("a", FEB)], ([], [(1, "a")], [], [], []), "the only ones"),
        ([line(1, "2026-02-02")], [request("a", FEB)], ([], [(1, "a")], [], [], []), "a day apart"),
        ([line(1, "2026-02-03")], [request("a", FEB)], ([], [], [], [1], ["a"]), "two days apart"),
        ([line(1, FEB, REQUEST)], [request("a", FEB)], ([], [], [], [1], ["a"]), "of another kind"),
        ([line(1, FEB, "")], [request("a", FEB)], ([], [(1, "a")], [], [], []), "of no stated kind"),
        ([line(1, FEB), line(2, FEB)], [request("a", FEB)], ([], [], [([1, 2], ["a"])], [], []), "two rows for one"),
        ([line(1, FEB)], [request("a", FEB), request("b", FEB)], ([], [], [([1], ["a", "b"])], [], []), "one for two"),
        (
            [line(1, FEB), line(2, "2026-02-03")],
            [request("a", "2026-02-02")],
            ([], [], [([1, 2], ["a"])], [], []),
            "either may be it",
        ),
        (
            [line(1, FEB, booking="B-1"), line(2, FEB)],
            [request("a", FEB), request("b", FEB, booking="B-2")],
            ([(1, "a")], [(2, "b")], [], [], []),
            "a booking number leaves one for the other",
        ),
        (
            [line(1, FEB, booking="B-1")],
            [request("a", FEB), request("b", FEB)],
            ([], [], [([1], ["a", "b"])], [], []),
            "two papers of one booking",
        ),
        (
            [line(1, FEB, booking="B-1", hold="b")],
            [request("a", FEB), request("b", FEB)],
            ([(1, "b")], [], [], [], ["a"]),
            "the hold's own number",
        ),
        ([line(1, FEB, booking="B-9")], [request("a", FEB)], ([], [], [], [1], ["a"]), "another booking"),
    ],
)
def test_rows_and_requests_are_matched_only_when_there_is_one_answer(lines, requests, expected, because):
    assert shape(match(lines, requests, zone=ZONE, days=1)) == expected, because


DAYS = st.sampled_from([f"2026-02-0{day}" for day in range(1, 8)])
KINDS = st.sampled_from([DETAINER, REQUEST])
BOOKINGS = st.sampled_from(["", "B-1", "B-2"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(DAYS, KINDS, BOOKINGS), max_size=7), st.lists(st.tuples(DAYS, KINDS, BOOKINGS), max_size=7))
def test_everything_is_in_one_place_and_every_match_is_the_only_one_when_matched(some, others):
    lines = [line(row, day, kind, booking) for row, (day, kind, booking) in enumerate(some)]
    requests = [request(f"h{at}", day, kind, booking or "B-3") for at, (day, kind, booking) in enumerate(others)]
    found = match(lines, requests, zone=ZONE, days=1)
    pairs = [*found.by_booking, *found.by_day]
    placed = [*(a for a, _ in pairs), *itertools.chain(*(one for one, _ in found.ambiguous)), *found.only_list]
    assert sorted(placed) == sorted(lines)
    logged = [*(b for _, b in pairs), *itertools.chain(*(two for _, two in found.ambiguous)), *found.only_log]
    assert sorted(each.hold_id for each in logged) == sorted(each.hold_id for each in requests)
    for row, told in found.by_day:
        rivals = [each for each in lines if not each.booking and fits(each, told) and each != row]
        assert not rivals
        assert row.kind == told.kind
    assert match(lines[::-1], requests[::-1], zone=ZONE, days=1).only_list == found.only_list


def fits(row: Line, told: Request) -> bool:
    near = abs((date.fromisoformat(told.lodged[:10]) - row.day).days) <= 1
    return near and row.kind in {"", told.kind}


def test_ices_export_is_read_when_its_heads_stand_in_the_seventh_row():
    lines, unread = read_list(ListKind.ICE, ICE.encode(), facility="jaila")
    assert [(each.row, each.day.isoformat(), each.kind, each.booking) for each in lines] == [
        (8, "2026-02-01", DETAINER, ""),
        (9, "2026-02-10", DETAINER, ""),
        (10, "2026-04-04", DETAINER, ""),
    ]
    assert [each.row for each in unread] == [11]


def test_a_crosswalk_names_bookings_when_the_agency_keeps_one():
    lines, _ = read_list(ListKind.ICE, ICE.encode(), crosswalk=b"identifier,booking\r\nid-2,B-2\r\n")
    assert [each.booking for each in lines] == ["", "B-2", "", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_list_is_read_when_a_spreadsheet_wrote_it_its_way(encoding):
    content = "Received;x\n".replace(";", ",") + "2026-02-01,Señor\r\n\r\n"
    lines, unread = read_list(ListKind.PAPER, content.encode(encoding))
    assert (len(lines), unread) == (1, [])


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x00\xff"])
def test_a_list_is_refused_when_it_has_no_day(content):
    with pytest.raises(UsageError, match="no column"):
        read_list(ListKind.PAPER, content)


def test_each_side_says_what_it_lacks_when_lists_and_log_are_laid_side_by_side(story, story_size):
    from hashlib import sha256

    lists = {"ice": ICE.encode(), "paper": PAPER.encode()}
    digests = {name: sha256(content).hexdigest() for name, content in lists.items()}
    request_ = asked("reconcile", story_size, lists=digests, days=1, list_facility="JAILA")
    document = make(request_, bodies(story), lists)
    tables = {table.name: table.rows for section in document.sections for table in section.tables}
    # ICE: a row each for B-1 and for B-2's detainer; one that the log does not know. The rest is in the log alone.
    assert [row[1:] for row in tables["ice_counts"]] == [(0, 0), (2, 2), (0, 0), (1, 2), (3, 4)]
    assert [row[0] for row in tables["ice_only_list"]] == ["row 10"]
    assert {row[4] for row in tables["ice_only_log"]} == {"Administrative warrant", "Notification request"}
    # The paper log knows B-4 by its old number.
    assert [row[1:] for row in tables["paper_counts"]] == [(2, 2), (0, 0), (0, 0), (1, 2), (3, 4)]
    assert [row[:2] for row in tables["paper_only_list"]] == [("row 4", "B-77")]
    assert [row[1] for row in tables["paper_matched"]] == ["B-1", "B-5"]
    assert "Quillfeather" not in repr(document)
    assert "1987" not in repr(document)
    with pytest.raises(UsageError, match="not those"):
        make(request_, bodies(story), {**lists, "paper": PAPER.encode() + b"\n"})
