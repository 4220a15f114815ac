"""Every stay past release: hours, month, cause, person-days."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from integration.reports.counting.entitlement import BAIL, BAIL_POSTED, DUE, RESCINDED, entitlements
from integration.reports.counting.parity import LIFTED
from integration.reports.counting.period import Period, hours_between
from integration.reports.counting.register import Event, Told
from integration.reports.counting.standing import ALWAYS, Standing
from integration.reports.counting.tables import Counts, Key, counted

TYPES: Final = ALWAYS | {DUE, BAIL, RESCINDED, LIFTED}
OVERDUE: Final = (
    ("overdue_detainer_hold", "On an immigration paper"),
    ("overdue_release", "On no paper"),
)
RULES: Final = frozenset({*(key for key, _ in OVERDUE), "booked_without_authority"})
CAUSES: Final = (
    ("charges_dropped", "Charges dropped"),
    ("acquitted", "Acquitted"),
    ("sentence_served", "Sentence served"),
    ("bail_posted", "Bail posted"),
    ("own_recognizance", "Own recognizance"),
    ("diversion", "Diversion"),
    ("court_order", "Court order"),
    ("no_charges_filed", "No charges filed"),
    ("other", "Other entitlement"),
    ("hold_lifted", "The last hold was lifted"),
    ("booked_without_authority", "Booked without authority"),
    ("hold_expired", "The last hold expired, or there never was one"),
)


class Overdue(NamedTuple):
    """One stay past release."""

    source: str
    booking: str
    rule: str
    since: str
    until: str
    """The end, or the time of the last entry while there is none."""
    open: bool
    cause: str
    hours: float
    """All of it, also outside the period."""


def overdue(standing: Standing, period: Period, as_of: str) -> list[Overdue]:
    """Return every stay past release of which a part lies in the period, the earliest first."""
    why = _Causes(standing)
    found = []
    for told in standing.findings(*(key for key, _ in OVERDUE)):
        open_still = told.until is None or told.until > as_of
        until = as_of if told.until is None or open_still else told.until
        if told.since >= period.end_text or until <= period.start_text or until <= told.since:
            continue
        hours = hours_between(told.since, until)
        row = Overdue(told.source, told.booking, told.rule, told.since, until, open_still, why.of(told), hours)
        found.append(row)
    return sorted(found, key=lambda each: (each.since, each.source, each.booking, each.rule))


class _Causes:
    """What began a stretch without authority."""

    def __init__(self, standing: Standing) -> None:
        self._dues = entitlements(standing)
        self._events = standing.event_of(DUE, BAIL, LIFTED)
        self._booked = {
            (told.source, told.booking, told.since) for told in standing.findings("booked_without_authority")
        }

    def of(self, told: Told) -> str:
        """Return the strongest reason: the entitlement before the lift that was told together with it."""
        if (told.source, told.booking, told.since) in self._booked:
            return "booked_without_authority"
        due = self._dues.get((told.source, told.booking))
        if due is not None and due.due_at == told.since:
            return due.reason
        named = (self._events.get((told.source, each)) for each in told.evidence)
        events = sorted((each for each in named if each is not None), key=_rank)
        return _cause(*events[0]) if events else "hold_expired"


def _rank(found: tuple[str, Event]) -> tuple[int, str, str]:
    kind, event = found
    return (DUE, BAIL, LIFTED).index(kind), event.time, event.event_id


def _cause(kind: str, event: Event) -> str:
    if kind == DUE:
        return str(event.data["reason"])
    return BAIL_POSTED if kind == BAIL else "hold_lifted"


def by_month(rows: list[Overdue], period: Period) -> Counts:
    """Count stays by the month in which they began; those of before the period have a row of their own."""
    months = list(period.months())
    found: list[Key] = []
    for row in rows:
        month = next((each for each in months if each.has(row.since)), None)
        found.append(("before" if month is None else month.first.isoformat(), row.rule))
    labels = [("before", "Begun before the period"), *((each.first.isoformat(), each.name()) for each in months)]
    return counted(
        ("by_month", "Stays past release, by the month in which they began", "Month"), labels, OVERDUE, found
    )


def by_cause(rows: list[Overdue]) -> Counts:
    """Count stays by what entitled the person to release."""
    found: list[Key] = [(row.cause, row.rule) for row in rows]
    return counted(("by_cause", "Stays past release, by cause", "Cause"), CAUSES, OVERDUE, found)


def hours_by_cause(rows: list[Overdue], period: Period) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the hours past release inside a period for each cause, by rule."""
    for cause, label in CAUSES:
        yield label, _inside([row for row in rows if row.cause == cause], period)


def _inside(rows: list[Overdue], period: Period) -> dict[str, float]:
    """Return the hours that lie in a period, by rule."""
    start, end = period.start_text, period.end_text
    hours = {key: 0.0 for key, _ in OVERDUE}
    for row in rows:
        since, until = max(row.since, start), min(row.until, end)
        if since < until:
            hours[row.rule] += hours_between(since, until)
    return hours


def hours_by_month(rows: list[Overdue], period: Period) -> Iterator[tuple[Period, dict[str, float]]]:
    """Yield the hours past release that lie in each month, by rule: a long stay is spread over its months."""
    for month in period.months():
        yield month, _inside(rows, month)
