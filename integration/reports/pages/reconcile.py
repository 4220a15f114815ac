"""The reconciliation: another list of detainers beside the log's."""

from collections.abc import Iterator, Mapping
from typing import Final

from integration.reports.asked import Asked
from integration.reports.counting import papers
from integration.reports.counting.matching import Line, Matched, Unread, match
from integration.reports.counting.messages import words
from integration.reports.counting.papers import Request, lodged
from integration.reports.counting.period import local_time
from integration.reports.counting.register import Wanted
from integration.reports.counting.standing import Standing
from integration.reports.document import Cell, Section, Table
from integration.reports.reconciling import ListKind

WANTED: Final = Wanted(types=papers.TYPES, rules=papers.RULES)
NAMES: Final = {ListKind.ICE: "ICE's export", ListKind.PAPER: "the paper log"}
Lists = Mapping[ListKind, tuple[list[Line], list[Unread]]]


def sections(standing: Standing, asked: Asked, lists: Lists, days: int) -> Iterator[Section]:
    """Yield, for each list, the counts, what does not match, and what was matched."""
    requests = lodged(standing, asked.period)
    for kind, (lines, unread) in sorted(lists.items()):
        inside = [
            line._replace(booking=standing.number_now(asked.facility, line.booking))
            for line in lines
            if asked.first <= line.day.isoformat() < asked.end
        ]
        matched = match(inside, requests, zone=asked.zone, days=days)
        yield _counts(kind, matched, unread, outside=len(lines) - len(inside), days=days)
        yield _lacks(kind, matched, unread, asked.zone)
        yield _pairs(kind, matched, asked.zone)


def _counts(kind: ListKind, matched: Matched, unread: list[Unread], *, outside: int, days: int) -> Section:
    several_lines = sum(len(lines) for lines, _ in matched.ambiguous)
    several = sum(len(requests) for _, requests in matched.ambiguous)
    pairs = [len(matched.by_booking), len(matched.by_day)]
    rows: list[tuple[Cell, ...]] = [
        ("Matched by booking number", pairs[0], pairs[0]),
        (f"Matched as the only ones of their kind within {days} days", pairs[1], pairs[1]),
        ("With more than one possible match", several_lines, several),
        ("On this side alone", len(matched.only_list), len(matched.only_log)),
        ("Total", sum(pairs) + several_lines + len(matched.only_list), sum(pairs) + several + len(matched.only_log)),
    ]
    note = f"Rows of the list outside the period: {outside}. Rows that could not be read: {len(unread)}."
    heads = ("What became of them", f"Rows of {NAMES[kind]}", "Requests in the log")
    table = Table(f"{kind}_counts", f"{NAMES[kind]} and the log", heads, tuple(rows), note, totals=True)
    text = (
        "A match by booking number is sure. One by day and kind alone is likely: neither side has another candidate.",
        "Where there is more than one candidate nothing is guessed: somebody has to look.",
    )
    return Section(f"{kind}_summary", f"{NAMES[kind][0].upper()}{NAMES[kind][1:]} and the log", text, (table,))


def _lacks(kind: ListKind, matched: Matched, unread: list[Unread], zone: str) -> Section:
    groups: list[tuple[Cell, ...]] = []
    for number, (lines, requests) in enumerate(matched.ambiguous, 1):
        groups += [(f"Group {number}: row {line.row}", *_of_line(line)) for line in lines]
        groups += [(f"Group {number}: log", *_of_request(each, zone)) for each in requests]
    heads = ("Booking", "Hold", "Day or time", "Kind")
    tables = (
        Table(
            f"{kind}_only_list",
            f"In {NAMES[kind]}, not in the log",
            ("Row", *heads),
            tuple((f"row {line.row}", *_of_line(line)) for line in matched.only_list),
        ),
        Table(
            f"{kind}_only_log",
            f"In the log, not in {NAMES[kind]}",
            ("Number", *heads),
            tuple((f"log {at}", *_of_request(each, zone)) for at, each in enumerate(matched.only_log, 1)),
        ),
        Table(f"{kind}_ambiguous", "More than one possible match", ("Which", *heads), tuple(groups)),
        Table(
            f"{kind}_unread",
            "Rows that could not be read",
            ("Row", "Why"),
            tuple((f"row {each.row}", each.why) for each in unread),
        ),
    )
    return Section(f"{kind}_lacks", f"What each side lacks: {NAMES[kind]}", (), tables)


def _pairs(kind: ListKind, matched: Matched, zone: str) -> Section:
    heads = ("Row", "Booking", "Hold", "Lodged", "Kind", "Matched by")
    both = [(line, each, "booking number") for line, each in matched.by_booking]
    both += [(line, each, "day and kind") for line, each in matched.by_day]
    rows = tuple((f"row {line.row}", *_of_request(each, zone), how) for line, each, how in sorted(both))
    table = Table(f"{kind}_matched", "Matched", heads, rows)
    return Section(f"{kind}_pairs", f"Matched: {NAMES[kind]}", (), (table,))


def _of_line(line: Line) -> tuple[Cell, ...]:
    return line.booking, line.hold_id, line.day.isoformat(), words(line.kind)


def _of_request(request: Request, zone: str) -> tuple[Cell, ...]:
    return request.booking, request.hold_id, local_time(request.lodged, zone), words(request.kind)
