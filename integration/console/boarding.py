"""What the board says: who is kept too long, whose release is near, and whether anybody is watching."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

import orjson

from integration.console.parts import Parts
from integration.console.vital import Health, health_of
from integration.domain.alerts.alert import Alert, mark
from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import Voided
from integration.domain.instants import DAY, HOUR, NEVER, Instant
from integration.domain.papers import HoldClass
from integration.errors import InvalidEventError
from integration.services.casefile import CaseFile
from integration.services.plain import OVERDUE
from integration.services.ports import FindingRow
from integration.store.queries import Acknowledged
from schemas.kinds import Severity

SHOWN: Final = 200
"""Lines of the board; how many more there are is told."""
AHEAD: Final = 4 * HOUR
_SETTLED_FOR: Final = DAY
_LOOKED_AT: Final = 500
"""Bookings whose state changes by itself soon."""
_RANKS: Final = {
    severity.value: rank for rank, severity in enumerate((Severity.VIOLATION, Severity.WARNING, Severity.ADVICE))
}


@dataclass(frozen=True, slots=True)
class Line:
    """An open finding."""

    finding_id: str
    source: str
    booking: str
    rule: str
    since: Instant
    severity: str
    provisions: tuple[str, ...]
    overdue: bool
    """Somebody is being kept past release time."""
    until: Instant | None
    link: str
    alert: str = ""
    """The alert that waits for an answer, if people were told of this finding."""
    answer: str = ""
    """What its button says: the alert, and the marks of its findings that stand on the board."""
    together: int = 0
    """How many findings the button takes on."""
    taken_by: str = ""
    """Who has taken it on."""
    acknowledged_at: Instant | None = None
    """Of a finding about one moment: when somebody took note of it for good."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release that is due soon, with an immigration paper on file."""

    source: str
    booking: str
    at: Instant
    link: str


@dataclass(frozen=True, slots=True)
class Board:
    """All of it, at one moment."""

    at: Instant
    overdue: tuple[Line, ...]
    others: tuple[Line, ...]
    acknowledged: tuple[Line, ...]
    """About one moment, and dealt with: those that somebody took note of within a day, the latest first."""
    hidden: int
    """Open findings that are not shown, because there are too many."""
    releases: tuple[Release, ...]
    unseen: bool
    """Whether there may be further releases: only so many bookings were looked at."""
    health: Health


def board_of(parts: Parts, sees: frozenset[str] | None) -> Board:
    """Return the board as somebody sees it. Args: ``sees``: feeds of the facilities; None: all."""
    now = parts.now()
    rows = [row for row in parts.records.findings(status="open") if sees is None or row.source in sees]
    alerts, dealt_with = _alerts(parts), parts.records.acknowledged()
    settled = [_settled(row, dealt_with[row.finding_id]) for row in rows if row.finding_id in dealt_with]
    rows = [row for row in rows if row.finding_id not in dealt_with]
    lines = sorted((_line(row, alerts.get(row.finding_id)) for row in rows), key=_urgency)
    shown = _with_answers(lines[:SHOWN])
    releases, unseen = _releases(parts, sees, now)
    return Board(
        at=now,
        overdue=tuple(line for line in shown if line.overdue),
        others=tuple(line for line in shown if not line.overdue),
        acknowledged=tuple(
            sorted(
                (line for line in settled if now - (line.acknowledged_at or 0) <= _SETTLED_FOR),
                key=lambda line: (-(line.acknowledged_at or 0), line.finding_id),
            )[:SHOWN]
        ),
        hidden=len(lines) - len(shown),
        releases=tuple(releases),
        unseen=unseen,
        health=health_of(parts, sees),
    )


def booking_link(source: str, number: str) -> str:
    """Return the address of a booking's page."""
    return "/booking?" + urlencode({"source": source, "number": number})


def _with_answers(lines: list[Line]) -> list[Line]:
    """Say on each line's button which findings it takes on: those of its alert that whoever presses it sees."""
    seen: dict[str, list[str]] = {}
    for line in lines:
        if line.alert:
            seen.setdefault(line.alert, []).append(mark(line.finding_id))
    return [
        replace(line, answer=" ".join((line.alert, *seen[line.alert])), together=len(seen[line.alert]))
        if line.alert
        else line
        for line in lines
    ]


def _alerts(parts: Parts) -> dict[str, tuple[Alert, str]]:
    """Return the open alert of each finding that has one, and who has taken it on."""
    if parts.acts is None:
        return {}
    alerts = parts.acts.open_alerts()
    return {each.finding_id: (alert, by) for alert, by in alerts for each in alert.open_members()}


def _line(row: FindingRow, told: tuple[Alert, str] | None) -> Line:
    alert, taken_by = ("", "") if told is None else (told[0].alert_id, told[1])
    waits = told is not None and told[0].members[row.finding_id].told and not taken_by
    return Line(
        finding_id=row.finding_id,
        source=row.source,
        booking=row.booking,
        rule=row.rule,
        since=row.since,
        severity=row.severity,
        provisions=tuple(orjson.loads(row.provisions)),
        overdue=row.rule in OVERDUE,
        until=row.until,
        link=booking_link(row.source, row.booking),
        alert=alert if waits else "",
        taken_by=taken_by,
    )


def _settled(row: FindingRow, by: Acknowledged) -> Line:
    return replace(_line(row, None), taken_by=by.by, acknowledged_at=by.at)


def _urgency(line: Line) -> tuple[bool, int, Instant, str]:
    """The order of `plain.urgency`."""
    return not line.overdue, _RANKS[line.severity], line.since, line.finding_id


def _releases(parts: Parts, sees: frozenset[str] | None, now: Instant) -> tuple[list[Release], bool]:
    """Return those that are near; and whether there may be more."""
    found = []
    rows = parts.records.next_due(now + AHEAD, _LOOKED_AT, sees)
    for row in rows:
        try:
            parameters = parts.pack_for(row.source, now).parameters
        except InvalidEventError:
            continue  # A feed that is no longer in the settings.
        for number, facts in CaseFile.from_row(row).standing().items():
            standing = Standing(facts)
            if standing.of(Voided):
                continue
            line = timeline_of(standing, parameters)
            on_file = any(hold.paper.hold_class is HoldClass.IMMIGRATION and hold.end > now for hold in line.holds)
            ahead = next((start for start, _ in line.stretches if start > now), NEVER)
            if on_file and ahead <= now + AHEAD:
                found.append(Release(row.source, number, ahead, booking_link(row.source, number)))
    told = sorted(found, key=lambda release: (release.at, release.source, release.booking))
    return told, len(rows) == _LOOKED_AT
