"""Findings in plain words, times and lengths of time as a person reads them: for command line and console."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from integration.services.alertwords.lexicon import RULES
from schemas.kinds import HoldKind, Rule, Severity, Status
from schemas.outputs import FindingLine

PLAIN: Final = {rule: RULES[rule] for rule in Rule}
"""Every rule in plain words: those of alerts, so that a board says what the notice said."""

PAPERS: Final = {
    HoldKind.IMMIGRATION_DETAINER: "detainer",
    HoldKind.ADMINISTRATIVE_WARRANT: "administrative warrant",
    HoldKind.NOTIFICATION_REQUEST: "request to be told",
    HoldKind.JUDICIAL_WARRANT: "judge's warrant",
    HoldKind.AGENCY_HOLD: "agency's criminal hold",
    HoldKind.ARREST: "arrest",
    HoldKind.CHARGE: "charge",
    HoldKind.SENTENCE: "sentence",
    HoldKind.COURT_ORDER: "court order",
}
"""Every kind of paper in plain words."""

OVERDUE: Final = (Rule.OVERDUE_DETAINER_HOLD, Rule.OVERDUE_RELEASE)
"""Somebody is kept past release time."""
_RANKS: Final = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.ADVICE: 2}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400

Zone = Callable[[str], ZoneInfo]
"""From a feed to its facility's time zone."""


def urgency(line: FindingLine) -> tuple[Any, ...]:
    """Order findings: open before closed, overdue before the rest, then the gravest, then the oldest."""
    closed = (Status.OPEN, Status.RESOLVED, Status.WITHDRAWN).index(line.status)
    return closed, line.rule not in OVERDUE, _RANKS[line.severity], line.since, line.finding_id


def local_time(text: str, zone: ZoneInfo) -> str:
    """Tell an instant as the facility's clock shows it, with its offset from UTC."""
    local = datetime.fromisoformat(text).astimezone(zone)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:]}"


def duration(seconds: int) -> str:
    """Tell a length of time by its two largest units."""
    units = (
        ("d", seconds // _DAY),
        ("h", seconds % _DAY // _HOUR),
        ("min", seconds % _HOUR // _MINUTE),
        ("s", seconds % _MINUTE),
    )
    told = [f"{count} {unit}" for unit, count in units]
    first = next((at for at, (_, count) in enumerate(units) if count), len(units) - 1)
    return " ".join(told[first : first + 2])
