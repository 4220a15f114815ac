"""Counting alerts, notices, silences, duties and waiting messages."""

from typing import Any, Final

from sqlalchemy import Engine, Select, case, func, select

from integration.domain.instants import Instant
from integration.services.alertfigures import AlertCount, DutyCount, Figures, WaitingCount
from integration.services.alertports import NoticeState
from integration.services.letters import CLOSED, State
from integration.store import tables
from integration.store.database import sorted_errors

_OPEN: Final = tuple(state.value for state in State if state not in CLOSED)
"""By name: what is not one of the last states would be looked for among all messages there ever were."""


class SqlAlertFigures:
    """See `FigureStore`. Every count goes by an index over what is open."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`."""
        self._engine = engine

    def figures(self, now: Instant) -> Figures:
        """See `FigureStore.figures`."""
        notices, silences = tables.notices, tables.silences
        queued = notices.c.state == NoticeState.QUEUED.value
        waiting = select(notices.c.receiver, func.count()).where(queued).group_by(notices.c.receiver)
        running = select(func.count()).where(silences.c.start_at <= now, silences.c.end_at > now)
        with sorted_errors(), self._engine.connect() as connection:
            reading = connection.execution_options(isolation_level="AUTOCOMMIT")
            return Figures(
                at=now,
                alerts=tuple(AlertCount(*row) for row in reading.execute(_alerts())),
                waiting={row[0]: row[1] for row in reading.execute(waiting)},
                silences=int(reading.execute(running).scalar_one()),
                duties=tuple(DutyCount(*row) for row in reading.execute(_duties(now))),
                messages=tuple(WaitingCount(*row) for row in reading.execute(_messages())),
            )


def _alerts() -> Select[Any]:
    alerts = tables.alerts
    unanswered = alerts.c.acked_at.is_(None)
    return (
        select(
            alerts.c.source,
            alerts.c.severity,
            func.count(),
            func.sum(case((unanswered, 1), else_=0)),
            func.min(case((unanswered, alerts.c.opened_at))),
        )
        .where(alerts.c.closed_at.is_(None), alerts.c.drill == 0)
        .group_by(alerts.c.source, alerts.c.severity)
    )


def _duties(now: Instant) -> Select[Any]:
    told, members = tables.duties_told, tables.alert_findings
    late = told.c.due_at <= now
    return (
        select(told.c.kind, func.sum(case((late, 0), else_=1)), func.sum(case((late, 1), else_=0)))
        .select_from(told.join(members, members.c.finding_id == told.c.duty_id))
        .where(members.c.ended_at.is_(None))
        .group_by(told.c.kind)
    )


def _messages() -> Select[Any]:
    table, mails = tables.deliveries, tables.mails
    return (
        select(table.c.state, func.count(), func.min(mails.c.received_at))
        .select_from(table.join(mails, mails.c.mail_id == table.c.mail_id))
        .where(table.c.state.in_(_OPEN))
        .group_by(table.c.state)
    )
