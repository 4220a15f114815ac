"""The list of duties from the settings: for command line, console and alerting alike."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Engine

from connectors.duties import DutySettings
from integration.domain.instants import DAY, HOUR, Instant
from integration.services.auditing import AuditDesk
from integration.services.desk import PackFor
from integration.services.duties import Duties
from integration.services.dutyports import WaitingLimits
from integration.settings import Settings
from integration.store.duties import SqlDuties

_REVIEW_DAYS: Final = 7.0
_NO_SETTINGS: Final = DutySettings()


def duties_of(
    settings: Settings, engine: Engine, desk: AuditDesk, pack_for: PackFor, now: Callable[[], Instant]
) -> Duties:
    """Return the list of duties of an installation; for one thread.

    Args:
        settings: of the installation; without ``[alerts]`` there is a list all the same.
        engine: of its database, migrated.
        desk: writes to the same database.
        pack_for: gives the packs in force.
        now: gives the current time.
    """
    alerts = settings.alerts
    duties = _NO_SETTINGS if alerts is None else alerts.duties
    days = _REVIEW_DAYS if alerts is None else alerts.audit_review_days
    limits = WaitingLimits(int(duties.quarantine_hours * HOUR), duties.quarantine_messages)
    return Duties(SqlDuties(engine), desk, pack_for, now, int(days * DAY), limits=limits)
