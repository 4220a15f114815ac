"""Matching another list's rows with the requests in the log. What has more than one answer is listed, never guessed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from integration.reports.counting.papers import Request


class Line(NamedTuple):
    """A row of another list."""

    row: int
    """Its number in the file, counted from 1."""
    day: date
    kind: str
    """Empty where the list does not say."""
    booking: str
    """Empty where the list does not say."""
    hold_id: str


class Unread(NamedTuple):
    """A row that could not be used."""

    row: int
    why: str


class Matched(NamedTuple):
    """What became of every row and every request: each is in exactly one place."""

    by_booking: tuple[tuple[Line, Request], ...]
    by_day: tuple[tuple[Line, Request], ...]
    """The only row and the only request that fit each other by day and kind. Likely, not certain."""
    ambiguous: tuple[tuple[tuple[Line, ...], tuple[Request, ...]], ...]
    only_list: tuple[Line, ...]
    only_log: tuple[Request, ...]


def match(lines: Sequence[Line], requests: Sequence[Request], *, zone: str, days: int) -> Matched:
    """Match rows with requests: by booking where a row names one, otherwise by day and kind.

    Args:
        lines: the other list.
        requests: the log's requests of the same facility and time.
        zone: the facility's, for the day on which a request was lodged.
        days: by how many days the two may differ.
    """
    days_of = {id(each): datetime.fromisoformat(each.lodged).astimezone(ZoneInfo(zone)).date() for each in requests}

    def near(line: Line, request: Request) -> bool:
        return abs((days_of[id(request)] - line.day).days) <= days

    def kin(line: Line, request: Request) -> bool:
        return line.kind in {"", request.kind}

    def named(line: Line, request: Request) -> bool:
        same = request.booking == line.booking and (not line.hold_id or line.hold_id == request.hold_id)
        return same and kin(line, request) and near(line, request)

    with_booking = [line for line in lines if line.booking]
    sure, unsure, alone, left = _pairs(with_booking, requests, named)
    without = [line for line in lines if not line.booking]
    likely, open_too, strangers, rest = _pairs(
        without, left, lambda line, request: kin(line, request) and near(line, request)
    )
    only_list = sorted((*alone, *strangers))
    return Matched(tuple(sure), tuple(likely), (*unsure, *open_too), tuple(only_list), tuple(rest))


_Group = tuple[tuple[Line, ...], tuple[Request, ...]]


def _pairs(
    lines: Iterable[Line], requests: Sequence[Request], fits: Callable[[Line, Request], bool]
) -> tuple[list[tuple[Line, Request]], list[_Group], list[Line], list[Request]]:
    """Split what fits together into pairs that have one answer, groups that have several, and what is left."""
    groups: list[tuple[list[Line], list[Request]]] = [([], [each]) for each in requests]
    alone: list[Line] = []
    for line in lines:
        joined = [group for group in groups if any(fits(line, request) for request in group[1])]
        if not joined:
            alone.append(line)
            continue
        first = joined[0]
        first[0].append(line)
        for other in joined[1:]:
            first[0].extend(other[0])
            first[1].extend(other[1])
            groups.remove(other)
    pairs, several, left = [], [], []
    for some_lines, some_requests in groups:
        if not some_lines:
            left += some_requests
        elif len(some_lines) == len(some_requests) == 1:
            pairs.append((some_lines[0], some_requests[0]))
        else:
            several.append((tuple(sorted(some_lines)), tuple(some_requests)))
    return pairs, several, alone, left
