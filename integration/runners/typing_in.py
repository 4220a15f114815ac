"""Papers typed in by an officer, taken in as every event is: same models, same rules, one transaction."""

from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from connectors.manual.form import Act, Form, event_of
from integration.bootstrap import Installation, connect_ports
from integration.clock import WallClock
from integration.domain.facts import Placed
from integration.domain.instants import MINUTE, SECOND, Instant
from integration.errors import UsageError
from integration.services.casefile import CaseFile
from integration.services.intake import Input
from integration.services.ports import BookingKey, EventKey, Store
from integration.store.scans import Scans, scan_hash
from schemas.events import parse
from schemas.refusals import InvalidEventError

PLACE: Final = "intake"
_AHEAD: Final = 5 * MINUTE
"""How far the officer's watch may be ahead of the system's clock."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a form."""

    event_id: str
    hold_id: str
    known: bool
    """It was on record already: nothing has changed."""
    scan: str
    doubts: tuple[str, ...]


def scans_of(installation: Installation) -> Scans:
    """Return where an installation's scans are kept."""
    return Scans(installation.settings.site.state_dir / "scans", installation.vault)


def enter(
    installation: Installation,
    form: Form,
    actor: str,
    *,
    clock: WallClock,
    scan: bytes = b"",
    keep_scan: bool = True,
    unknown_booking: bool = False,
) -> Entered:
    """Take a form in.

    Args:
        installation: over a store that nobody else uses at the moment.
        form: as it was typed in; its ``scan`` is set here.
        actor: who typed it in, as in ``officer:jdoe``.
        clock: the current time.
        scan: the paper's scan; empty: none.
        keep_scan: whether the scan itself is kept, or its hash alone.
        unknown_booking: whether the officer knows that nobody was booked under this number yet.

    Raises:
        UsageError: the form has a fault, or speaks of what is not there; nothing was changed.
        TransientError: the store cannot at the moment; nothing was changed but for a scan that may be kept.
        FatalError: the store fails.
    """
    now = clock.now()
    zone = next((each.zone for each in installation.settings.facilities if each.source == form.source), None)
    if zone is None:
        raise UsageError("no facility is set up for this feed")
    typed = event_of(replace(form, scan=scan_hash(scan) if scan else ""), ZoneInfo(zone))
    if typed.at.timestamp() * SECOND > now + _AHEAD:
        raise UsageError("this time is still to come")
    try:
        parse(typed.raw)
    except InvalidEventError as error:
        raise UsageError(error.message) from None
    _check(installation.store, form, unknown_booking=unknown_booking)
    # Before the event: a hash on record without its scan could not be looked at, the other way round harms nobody.
    kept = (scans_of(installation).keep(scan) if keep_scan else scan_hash(scan)) if scan else ""
    tally = connect_ports(installation, clock).intake.take(
        [Input(f"{PLACE}:{typed.event_id}", typed.raw, actor=actor)], lambda _event: now, pass_time=_let_pass
    )
    if tally.refused:
        raise UsageError(f"refused: {', '.join(tally.reasons)}; it is kept among the dead letters")
    known = tally.duplicates > 0
    if known and form.act is Act.RECEIVED and typed.hold_id not in (_papers(installation.store, form) or ()):
        raise UsageError(f"this was entered before and taken back as a mistake ({typed.event_id})")
    return Entered(typed.event_id, typed.hold_id, known, kept, typed.doubts)


def _check(store: Store, form: Form, *, unknown_booking: bool) -> None:
    """See that what a form speaks of is there."""
    if form.act is Act.MISTAKEN:
        row = store.seen([EventKey(form.source, form.event_id)]).get(EventKey(form.source, form.event_id))
        if row is None or row.subject != form.booking:
            raise UsageError("nothing was entered under this id for this booking")
        return
    papers = _papers(store, form)
    if papers is None and not unknown_booking:
        raise UsageError("nobody was booked under this number here. Is it right? If the paper came first, say so")
    if form.act is not Act.RECEIVED and form.hold_id not in (papers or ()):
        raise UsageError("this booking has no paper of that hold id")


def _papers(store: Store, form: Form) -> set[str] | None:
    """Return the hold ids on file for a booking; None where the number is not known."""
    rows = list(store.bookings([BookingKey(form.source, form.booking)]))
    homes = [row.home for row in rows if row.home is not None]
    if homes:  # the facts of bookings that a move ties are kept under one of their numbers
        rows = list(store.bookings([BookingKey(form.source, home) for home in homes]))
    if not rows:
        return None
    cases = [CaseFile.from_row(row).standing() for row in rows]
    return {fact.hold_id for each in cases for facts in each.values() for fact in facts if isinstance(fact, Placed)}


def _let_pass(_now: Instant) -> None:
    """Deadlines are the engine's to fire."""
