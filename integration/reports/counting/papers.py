"""What M-4 counts: requests lodged, people detained on them, people transferred, money paid back."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

from integration.reports.counting.custody import OPENED, PLACED, RELEASED, TRANSFERRED, ends
from integration.reports.counting.period import Period
from integration.reports.counting.register import Event, Told
from integration.reports.counting.standing import ALWAYS, Standing
from integration.reports.counting.tables import Counts, Key, counted

REIMBURSED: Final = "jail.reimbursement.received.v1"
TYPES: Final = ALWAYS | {OPENED, PLACED, RELEASED, TRANSFERRED, REIMBURSED}
HELD: Final = ("overdue_detainer_hold", "booked_without_authority")
"""Rules that say that somebody is kept on an immigration paper and on no other ground."""
RULES: Final = frozenset({*HELD, "mislabelled_document", "transfer_without_warrant"})

KINDS: Final = (
    ("immigration_detainer", "Detainers (holds)"),
    ("administrative_warrant", "Administrative warrants"),
    ("notification_request", "Notification requests"),
)
SEVERAL: Final = "several"
REASONS: Final = (
    ("final_order", "Final order of removal"),
    ("pending_proceedings", "Pending proceedings"),
    ("biometric_match", "Biometric or record match"),
    ("statements", "Statements or interview"),
    ("charge_or_conviction", "Charge or conviction"),
    ("other_agency_warrant", "Warrant of another agency"),
    ("other", "Other stated reason"),
    (SEVERAL, "Several reasons"),
    ("none_stated", "No reason stated"),
)
"""Boxes of form I-247A, as the log keeps stated reasons (never their words)."""
_KINDS: Final = frozenset(key for key, _ in KINDS)


class Request(NamedTuple):
    """One immigration paper on one booking."""

    source: str
    booking: str
    """The number it counts for, after moves."""
    hold_id: str
    lodged: str
    """The earliest time at which the feed says it was placed."""
    kind: str
    reasons: tuple[str, ...]
    event_ids: frozenset[str]
    form: str | None
    expires_at: str | None

    @property
    def reason(self) -> str:
        """The one column it is counted in, so that totals add up."""
        return _one(self.reasons, "none_stated")


def _one(found: Iterable[str], nothing: str) -> str:
    different = sorted(set(found))
    if not different:
        return nothing
    return different[0] if len(different) == 1 else SEVERAL


def requests(standing: Standing) -> list[Request]:
    """Return every immigration paper on file, whenever it was lodged, by what the paper is and not by its label."""
    return standing.once(_requests)


def _requests(standing: Standing) -> list[Request]:
    papers = {(told.source, told.booking, told.about): told.paper for told in standing.findings("mislabelled_document")}
    placings: dict[tuple[str, str, str], list[Event]] = {}
    for home, event in standing.events(PLACED):
        placings.setdefault((event.source, home, event.data["hold_id"]), []).append(event)
    found = []
    for key, events in placings.items():
        last = max(events, key=lambda event: (event.time, event.event_id))
        kind = papers.get(key, last.data["kind"])
        if kind in _KINDS:
            found.append(
                Request(
                    *key,
                    min(event.time for event in events),
                    kind,
                    tuple(last.data.get("reason_codes", ())),
                    frozenset(event.event_id for event in events),
                    last.data.get("form"),
                    last.data.get("expires_at"),
                )
            )
    return sorted(found, key=lambda each: (each.lodged, each.source, each.booking, each.hold_id))


def lodged(standing: Standing, period: Period) -> list[Request]:
    """Return the requests of a period, in order of time."""
    return [each for each in requests(standing) if period.has(each.lodged)]


def by_kind_and_reason(standing: Standing, period: Period) -> Counts:
    """M-4 (a): requests lodged, by kind and stated reason."""
    found: list[Key] = [(each.kind, each.reason) for each in lodged(standing, period)]
    caption = "Requests lodged, by kind and stated reason"
    return counted(("requests", caption, "Kind of request"), KINDS, REASONS, found)


class Detained(NamedTuple):
    """One booking kept in a period on immigration papers alone."""

    source: str
    booking: str
    since: str
    kind: str
    reason: str


def detained(standing: Standing, period: Period) -> list[Detained]:
    """Return who was kept on immigration papers and on no other ground, from an instant in the period on.

    A booking counts once a period, whatever the number of its stretches.
    """
    by_event = {(each.source, event_id): each for each in requests(standing) for event_id in each.event_ids}
    stretches: dict[tuple[str, str], list[Told]] = {}
    for told in standing.findings(*HELD):
        if period.has(told.since):
            stretches.setdefault((told.source, told.booking), []).append(told)
    found = []
    for (source, booking), tellings in stretches.items():
        evidence = {event_id for told in tellings for event_id in told.evidence}
        papers = {paper for event_id in evidence if (paper := by_event.get((source, event_id))) is not None}
        holding = [paper for paper in papers if paper.kind != "notification_request"]
        kind = _one((paper.kind for paper in holding), "unknown")
        reason = _one((paper.reason for paper in holding), "none_stated")
        found.append(Detained(source, booking, min(told.since for told in tellings), kind, reason))
    return sorted(found, key=lambda each: (each.since, each.source, each.booking))


DETAINED_ON: Final = (*KINDS[:2], (SEVERAL, "Several papers of different kinds"), ("unknown", "Paper not in the log"))


def detained_by_kind_and_reason(standing: Standing, period: Period) -> Counts:
    """M-4 (b): people detained on the requests, by the reason that supports the detention."""
    found: list[Key] = [(each.kind, each.reason) for each in detained(standing, period)]
    caption = "People kept on an immigration paper without other authority, by kind and stated reason"
    return counted(("detained", caption, "Kept on"), DETAINED_ON, REASONS, found)


def carried_over(standing: Standing, period: Period) -> int:
    """Count the bookings that were kept so already when the period began: an earlier report has them."""
    start = period.start_text
    return len(
        {
            (told.source, told.booking)
            for told in standing.findings(*HELD)
            if told.since < start and (told.until is None or told.until > start)
        }
    )


def transfers(standing: Standing, period: Period | None = None) -> Iterator[tuple[str, Event, str | None, bool]]:
    """Yield the transfers that ended custody, of a period or all: at most one a booking, however often it was told.

    Yields:
        Booking, event, class of the agency (None: not recorded), and whether no valid judicial warrant was there.
    """
    without = {(told.source, told.about) for told in standing.findings("transfer_without_warrant")}
    for (_, home), (kind, event) in ends(standing).items():
        if kind == TRANSFERRED and (period is None or period.has(event.time)):
            bare = (event.source, event.event_id) in without
            known = "immigration_authority" if bare else event.data.get("to_agency_class")
            yield home, event, known, bare


def transferred(standing: Standing, period: Period, below: int = 0) -> Counts:
    """M-4 (c): people transferred to immigration authorities. Args: ``below`` is for the note, see `suppression`."""
    rows = (("with_warrant", "On a judicial warrant"), ("without_warrant", "Without a judicial warrant"))
    found, unknown = set(), 0
    for home, event, agency_class, bare in transfers(standing, period):
        if agency_class is None:
            unknown += 1
        elif agency_class == "immigration_authority":
            found.add((event.source, home, "without_warrant" if bare else "with_warrant"))
    table = counted(
        ("transferred", "People transferred to immigration authorities", "Transferred"),
        rows,
        (("people", "People"),),
        ((row, "people") for _, _, row in sorted(found)),
    )
    notes, cells = [], dict(table.cells)
    if unknown:
        number = f"Fewer than {below}" if unknown < below else str(unknown)
        notes.append(f"{number} transfers were logged before entries told the kind of agency: {_NO_ZERO}")
        cells["with_warrant", "people"] = None
    if nameless := unnamed(standing, period):
        number = "Some" if below else str(nameless)
        notes.append(
            f"{number} releases were into the hands of an agency that the jail's system did not name: {_NO_ZERO}"
        )
    return replace(table, cells=cells, note=" ".join(notes))


_NO_ZERO: Final = "not recorded here, which is not zero."


def unnamed(standing: Standing, period: Period) -> int:
    """Count the people who were released into the hands of an agency without its name."""
    ended = ends(standing).values()
    return sum(
        kind == RELEASED and told.data.get("released_to") == "agency" and period.has(told.time) for kind, told in ended
    )


class Reimbursed(NamedTuple):
    """Money received."""

    source: str
    booking: str
    time: str
    amount: Decimal | None
    currency: str


def reimbursements(standing: Standing, period: Period) -> list[Reimbursed]:
    """M-4 (d): what was paid back, in order of time."""
    found = [
        Reimbursed(event.source, home, event.time, _amount(event.data), event.data["currency"])
        for home, event in standing.events(REIMBURSED)
        if period.has(event.time)
    ]
    return sorted(found, key=lambda each: (each.time, each.source, each.booking, str(each.amount)))


def _amount(data: Any) -> Decimal | None:
    return Decimal(data["amount"]) if data.get("amount") is not None else None
