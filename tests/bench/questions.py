"""What the commands and a console ask of a long log."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from integration.store import tables
from integration.store.queries import Records
from tests.bench.log_entries import EVERY, FACILITIES, START, booking_of

PAGE = 50
HOUR = 3_600_000_000
_COLUMN = tables.entries.c

Ask = Callable[[Records, random.Random], list[Any]]


@dataclass(frozen=True, slots=True)
class Query:
    name: str
    ask: Ask
    index: str
    """What would serve it, if nothing does."""


def queries(size: int) -> list[Query]:
    """Return the questions to a log of so many entries; what is asked for is drawn anew each time."""
    return [*_by_key(size), *_by_filter(size)]


def _by_key(size: int) -> list[Query]:
    def booking(chance: random.Random) -> str:
        return booking_of(chance.randrange(size))

    return [
        Query("the board: open findings", lambda records, _: list(records.findings(status="open")), ""),
        Query(
            "one booking's findings",
            lambda records, chance: list(records.findings(booking=booking(chance))),
            "findings (booking, source)",
        ),
        Query(
            "one booking's history",
            lambda records, chance: list(records.entries_of(booking(chance))),
            "entries (booking, leaf_index)",
        ),
        Query("one entry", lambda records, chance: [records.entry(chance.randrange(size))], ""),
        Query("last page", lambda records, _: _page(records, size), ""),
        Query("a page anywhere", lambda records, chance: _page(records, chance.randrange(size)), ""),
    ]


def _by_filter(size: int) -> list[Query]:
    def source(chance: random.Random) -> ColumnElement[bool]:
        return _COLUMN.source == f"/jms/facility-{chance.randrange(FACILITIES):02d}"

    def hour(chance: random.Random) -> ColumnElement[bool]:
        since = START + chance.randrange(size) * EVERY
        return (_COLUMN.at >= since) & (_COLUMN.at < since + HOUR)

    def blocked(chance: random.Random) -> ColumnElement[bool]:
        return (_COLUMN.kind == "message.decided") & (_COLUMN.outcome == "block") & source(chance)

    return [
        Query("last page of a common kind", lambda records, _: _page(records, size, "finding.raised"), _KIND),
        Query("last page of a rare kind", lambda records, _: _page(records, size, "event.set_aside"), _KIND),
        Query("last page of a source", _last(source), "entries (source, leaf_index)"),
        Query("last page of an outcome", _last(lambda _: _COLUMN.outcome == "block"), "entries (outcome, leaf_index)"),
        Query("last page of an hour", _last(hour), "entries (at)"),
        Query("last page of a kind, an outcome and a source", _last(blocked), _KIND),
    ]


_KIND = "entries (kind, leaf_index)"


def _page(records: Records, before: int, kind: str | None = None) -> list[Any]:
    return records.last_entries(before, PAGE, booking=None, kind=kind)


def _last(where: Callable[[random.Random], ColumnElement[bool]]) -> Ask:
    """Ask for the last page of what fulfils a condition: no command does so yet, a console will."""

    def ask(records: Records, chance: random.Random) -> list[Any]:
        statement = select(tables.entries).where(where(chance)).order_by(_COLUMN.leaf_index.desc()).limit(PAGE)
        return list(records._stream(statement))

    return ask
