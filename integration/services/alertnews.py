"""What the log and the table of findings tell alerting."""

import orjson
import structlog

from integration.domain.alerts.book import News
from integration.domain.alerts.said import CaseState
from integration.domain.instants import Instant
from integration.services.alertports import LoggedFinding
from integration.services.ports import FindingRow
from integration.services.projections import projected
from schemas.kinds import Rule, Severity, Status

_log = structlog.get_logger()


def news_of(entry: LoggedFinding, now: Instant) -> News | None:
    """Return what an entry tells of a finding; None where somebody has changed it so that it cannot be read."""
    try:
        row = projected(orjson.loads(entry.body or b""))
        if isinstance(row, FindingRow):
            return news(row, now, begins=entry.kind in {"finding.raised", "finding.reopened"})
    except (ValueError, TypeError, AttributeError) as error:
        why = type(error).__name__
    else:
        why = "no finding"
    _log.error("alerts.entry_unreadable", leaf_index=entry.leaf_index, error=why)
    return None


def news(row: FindingRow, now: Instant, *, begins: bool) -> News:
    """Return what a finding on record tells.

    Raises:
        ValueError: its rule, severity or status is none.
    """
    return News(
        row.finding_id,
        row.source,
        row.booking,
        Rule(row.rule),
        Severity(row.severity),
        row.until,
        CaseState(Status(row.status).value),
        now,
        begins=begins,
    )
