"""What people owe, reviews of the log, complaints and saved searches: opened together, for many threads."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from integration.bootstrap import Installation
from integration.console.people import Pen
from integration.domain.instants import DAY, Instant
from integration.runners.alerting.owing import duties_of
from integration.services.auditing import AuditDesk
from integration.services.complaints import Complaints
from integration.services.duties import Duties, Duty
from integration.services.reviews import Reviews
from integration.store.complaints import SqlComplaints
from integration.store.database import open_engine
from integration.store.duties import SqlDuties
from integration.store.searches import Saved
from integration.store.sql_store import SqlStore

_STRETCHES: Final = 20
"""Of 5,000 entries: what a page waits for while the list of duties is made for the first time."""
_REVIEW_DAYS: Final = 7.0


class LockedDuties:
    """The list of duties, for many threads: the store beneath it is for one at a time."""

    def __init__(self, duties: Duties) -> None:
        """Args: ``duties`` is nobody else's."""
        self._duties = duties
        self._turn = threading.Lock()

    def listed(self) -> Sequence[Duty] | None:
        """Return what is owed, by due time; None while the log is still being read for it."""
        with self._turn:
            return self._duties.listed() if self._duties.catch_up(most=_STRETCHES) else None

    def done(self, duty_id: str, by: str) -> None:
        """See `Duties.done`."""
        with self._turn:
            self._duties.done(duty_id, by)


@dataclass(frozen=True, slots=True)
class Registers:
    """Opened from an installation."""

    duties: LockedDuties
    reviews: Reviews
    complaints: Complaints
    saved: Saved
    is_retracted: Callable[[str, str], bool]
    """Of a feed's event: whether it never counted."""
    close: Callable[[], None]


def open_registers(installation: Installation, pen: Pen, now: Callable[[], Instant]) -> Registers:
    """Open them.

    Args:
        installation: whose.
        pen: writes what people do.
        now: gives the current time.
    """
    settings, vault = installation.settings, installation.vault
    store = SqlStore(open_engine(settings.database_url), vault)
    desk = AuditDesk(store, place=settings.site.name, now=now, beside=settings.kafka is not None)
    days = _REVIEW_DAYS if settings.alerts is None else settings.alerts.audit_review_days
    return Registers(
        duties=LockedDuties(duties_of(settings, store.engine, desk, installation.pack_for, now)),
        reviews=Reviews(SqlDuties(store.engine), pen, now, int(days * DAY)),
        complaints=Complaints(SqlComplaints(store.engine), pen, vault, now, settings.complaints.office_of),
        saved=Saved(store.engine),
        is_retracted=SqlDuties(store.engine).is_retracted,
        close=store.close,
    )
