"""The anonymous tally: counts by month and nothing else, in a file of its own that outlives the case files.

It names no booking, no id, no instant; what a town wants to know in ten years, and nothing that leads to a person.
"""

from collections.abc import Iterable, Iterator
from datetime import date

import orjson
from pydantic import TypeAdapter, ValidationError

from integration.errors import UsageError
from integration.reports.counting import papers
from integration.reports.counting.custody import OPENED, PLACED, RELEASED, TRANSFERRED
from integration.reports.counting.period import Period, local_time, months_before
from integration.reports.counting.register import Register, Wanted
from integration.reports.counting.standing import Standing
from schemas.reports import TallyRow

WANTED = Wanted(
    papers.TYPES,
    papers.RULES,
    later=frozenset({OPENED, RELEASED}),
    about=frozenset({TRANSFERRED, RELEASED}),
)
_COUNTS = (papers.by_kind_and_reason, papers.detained_by_kind_and_reason, papers.transferred)
_COUNTED = (PLACED, TRANSFERRED, papers.REIMBURSED)
"""Months without any of these are not the log's to speak of."""
_ROWS = TypeAdapter(list[TallyRow])


def counted(facility: str, zone: str, bodies: Iterable[bytes | None], size: int) -> list[TallyRow]:
    """Count every month of a log, for one facility."""
    register = Register(WANTED, facility)
    register.read(bodies, size)
    times = [event.time for kind in _COUNTED for event in register.events[kind]]
    if not times:
        return []
    first, last = (date.fromisoformat(local_time(time, zone)[:10]) for time in (min(times), max(times)))
    period = Period(months_before(first, 0), months_before(last, -1), zone)
    return list(_rows(facility, Standing(register), period))


def _rows(facility: str, standing: Standing, period: Period) -> Iterator[TallyRow]:
    for month in period.months():
        for count in _COUNTS:
            table = count(standing, month)
            for (row, column), value in table.cells.items():
                yield TallyRow(
                    facility=facility,
                    month=month.first.isoformat()[:7],
                    table=table.name,
                    row=row,
                    column=column,
                    count=value,
                )


def merged(old: Iterable[TallyRow], new: Iterable[TallyRow], *, keep_from: str) -> list[TallyRow]:
    """Put fresh counts in the place of old ones, and drop what is older than it may be.

    Args:
        old: what the file holds.
        new: what the log says now; a month that it speaks of is replaced, one that it no longer knows stays.
        keep_from: the first month to keep, as ``2026-01``.
    """
    fresh = list(new)
    known = {(row.facility, row.month) for row in fresh}
    rows = [row for row in old if (row.facility, row.month) not in known] + fresh
    kept = [row for row in rows if row.month >= keep_from]
    return sorted(kept, key=lambda row: (row.facility, row.month, row.table, row.row, row.column))


def read(content: bytes) -> list[TallyRow]:
    """Read a tally file.

    Raises:
        UsageError: it is none.
    """
    try:
        return _ROWS.validate_json(content)
    except ValidationError as error:
        raise UsageError(f"the tally file has {error.error_count()} faults") from None


def written(rows: Iterable[TallyRow]) -> bytes:
    """Write a tally file."""
    return orjson.dumps([row.model_dump() for row in rows], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
