"""Alerts in the database: what the alerting process reads and writes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, Select, and_, delete, exists, literal, or_, select, update

from integration.domain.alerts.alert import Alert, Group, Member
from integration.domain.alerts.said import CaseState
from integration.domain.alerts.silences import Silence
from integration.domain.alerts.topics import DutyKind, Owed, topic_of
from integration.domain.instants import Instant
from integration.errors import StaleReadError
from integration.services.alertports import Ack, Adrift, AlertRows, LoggedFinding, Mark, NoticeRow, NoticeState
from integration.services.ports import BookingRow, FindingRow, Write
from integration.services.projections import FINDING_KINDS
from integration.store import tables
from integration.store.bulk import BulkWrite
from integration.store.database import sorted_errors
from schemas.kinds import Severity, Status

_ALERT: Final = tuple(column.name for column in tables.alerts.c)
_MEMBER: Final = tuple(column.name for column in tables.alert_findings.c)
_OWED: Final = tuple(column.name for column in tables.duties_told.c)
_DUTIES: Final = tuple(kind.value for kind in DutyKind)
_LISTS: Final = ("told", "told_now", "tried", "failed")
_AT_ONCE: Final = 500
"""Ids in one query."""


class SqlAlerts:
    """The rows of alerting. Any process may read; one writes. Each method has a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`."""
        self._engine = engine
        self._alerts = BulkWrite(engine, tables.alerts, _ALERT, keys=("alert_id",))
        self._members = BulkWrite(engine, tables.alert_findings, _MEMBER, keys=("alert_id", "finding_id"))
        self._owed = BulkWrite(engine, tables.duties_told, _OWED, keys=("duty_id",))
        self._notices = BulkWrite(engine, tables.notices, NoticeRow._fields, keys=("notice_id",))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with sorted_errors(), self._engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def _all(self, statement: Select[Any]) -> Sequence[Any]:
        with self._reading() as reading:
            return reading.execute(statement).all()

    # -- reading ----------------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """See `AlertStore.mark`."""
        own, log = tables.alerting, tables.log_state
        found = self._all(select(own.c.next_entry, own.c.version, own.c.signal, log.c.size).join(log, literal(1) == 1))
        return Mark(*found[0])

    def finding_entries(self, first: int, last: int) -> Iterable[LoggedFinding]:
        """See `AlertStore.finding_entries`."""
        table = tables.entries
        chosen = (table.c.leaf_index >= first, table.c.leaf_index < last, table.c.kind.in_(FINDING_KINDS))
        found = select(table.c.leaf_index, table.c.kind, table.c.body).where(*chosen).order_by(table.c.leaf_index)
        return [LoggedFinding(*row) for row in self._all(found)]

    def adrift(self, limit: int) -> Adrift:
        """See `AlertStore.adrift`. What was acknowledged for good is open among the findings, and in no alert."""
        findings, members, alerts = tables.findings, tables.alert_findings, tables.alerts
        settled = or_(members.c.ended_at.is_(None), members.c.state == CaseState.ACKNOWLEDGED.value)
        known = exists(select(members.c.finding_id).where(members.c.finding_id == findings.c.finding_id, settled))
        is_open = findings.c.status == Status.OPEN.value
        untold = select(findings).where(is_open, ~known).order_by(findings.c.since, findings.c.finding_id).limit(limit)
        joined = members.join(alerts, alerts.c.alert_id == members.c.alert_id)
        joined = joined.outerjoin(findings, findings.c.finding_id == members.c.finding_id)
        gone = or_(findings.c.status.is_(None), ~is_open)
        ended = select(members.c.finding_id, findings.c.status).select_from(joined)
        of_findings = and_(alerts.c.drill == 0, alerts.c.rule.not_in(_DUTIES))
        ended = ended.where(and_(members.c.ended_at.is_(None), of_findings, gone)).limit(limit)
        return Adrift(
            [FindingRow(*row) for row in self._all(untold)],
            [(row.finding_id, row.status or Status.WITHDRAWN.value) for row in self._all(ended)],
        )

    def open_alerts(self) -> list[Alert]:
        """See `AlertStore.open_alerts`."""
        table, members = tables.alerts, tables.alert_findings
        rows = self._all(select(table).where(table.c.closed_at.is_(None)).order_by(table.c.opened_at, table.c.alert_id))
        joined = members.join(table, table.c.alert_id == members.c.alert_id)
        found = self._all(select(members).select_from(joined).where(table.c.closed_at.is_(None)))
        return _alerts(rows, found)

    def alert(self, alert_id: str) -> Alert | None:
        """See `AlertStore.alert`."""
        table, members = tables.alerts, tables.alert_findings
        rows = self._all(select(table).where(table.c.alert_id == alert_id))
        found = self._all(select(members).where(members.c.alert_id == alert_id)) if rows else []
        return next(iter(_alerts(rows, found)), None)

    def acks(self) -> list[Ack]:
        """See `AlertStore.acks`."""
        table = tables.acks
        rows = self._all(select(table).where(table.c.applied == 0).order_by(table.c.number))
        return [Ack(row.number, row.alert_id, row.by, row.at, tuple(orjson.loads(row.covers))) for row in rows]

    def silences(self, since: Instant) -> list[Silence]:
        """See `AlertStore.silences`."""
        table = tables.silences
        rows = self._all(select(table).where(table.c.end_at > since).order_by(table.c.start_at, table.c.silence_id))
        return [
            Silence(
                row.silence_id,
                row.source,
                topic_of(row.rule) if row.rule else None,
                row.booking,
                row.start_at,
                row.end_at,
            )
            for row in rows
        ]

    def waiting(self) -> list[NoticeRow]:
        """See `AlertStore.waiting`."""
        table = tables.notices
        chosen = select(table).where(table.c.state == NoticeState.QUEUED.value)
        return [NoticeRow(*row) for row in self._all(chosen.order_by(table.c.due_at, table.c.notice_id))]

    def findings(self, finding_ids: Collection[str]) -> list[FindingRow]:
        """See `AlertStore.findings`."""
        table, wanted = tables.findings, sorted(finding_ids)
        found: list[FindingRow] = []
        for at in range(0, len(wanted), _AT_ONCE):
            chosen = select(table).where(table.c.finding_id.in_(wanted[at : at + _AT_ONCE]))
            found += [FindingRow(*row) for row in self._all(chosen)]
        return found

    def owed(self, duty_ids: Collection[str]) -> list[Owed]:
        """See `AlertStore.owed`."""
        table, wanted = tables.duties_told, sorted(duty_ids)
        found: list[Owed] = []
        for at in range(0, len(wanted), _AT_ONCE):
            chosen = select(table).where(table.c.duty_id.in_(wanted[at : at + _AT_ONCE]))
            found += [_owed(row) for row in self._all(chosen)]
        return found

    def booking(self, source: str, number: str) -> BookingRow | None:
        """See `AlertStore.booking`."""
        table = tables.bookings
        rows = self._all(select(table).where(table.c.source == source, table.c.number == number))
        if not rows:
            return None
        row = BookingRow(*rows[0])
        return row if row.home is None else self.booking(source, row.home)

    # -- writing ----------------------------------------------------------------------------------------------------

    def write(self, rows: AlertRows) -> Write:
        """See `AlertStore.write`."""

        def write(connection: Connection) -> None:
            self._claim(connection, rows)
            self._alerts(connection, [_row_of(each) for each in rows.alerts])
            table = tables.alert_findings
            for alert_id, finding_id in rows.moved:
                connection.execute(delete(table).where(table.c.alert_id == alert_id, table.c.finding_id == finding_id))
            # What has ended first: a finding may be open in one alert only, at every moment.
            members = [(alert_id, *_member_row(each)) for alert_id, each in rows.members]
            ended_at = _MEMBER.index("ended_at")
            self._members(connection, [each for each in members if each[ended_at] is not None])
            self._members(connection, [each for each in members if each[ended_at] is None])
            self._notices(connection, rows.notices)
            self._owed(connection, [_owed_row(each) for each in rows.owed])
            if rows.applied:
                acks = tables.acks
                connection.execute(update(acks).where(acks.c.number.in_(rows.applied)).values(applied=1))

        return write

    def write_alert(self, alert: Alert) -> Write:
        """Return what writes a whole new alert, and tells the alerting process."""

        def write(connection: Connection) -> None:
            self._alerts(connection, [_row_of(alert)])
            self._members(connection, [(alert.alert_id, *_member_row(each)) for each in alert.members.values()])
            signal(connection)

        return write

    @staticmethod
    def _claim(connection: Connection, rows: AlertRows) -> None:
        table = tables.alerting
        claimed = update(table).where(table.c.one == 1, table.c.version == rows.before.version)
        claimed = claimed.values(version=rows.before.version + 1, next_entry=rows.next_entry)
        if connection.execute(claimed).rowcount != 1:
            raise StaleReadError("another alerting process has written alerts since they were read")


def signal(connection: Connection) -> None:
    """Tell the alerting process that there is something for it."""
    table = tables.alerting
    connection.execute(update(table).where(table.c.one == 1).values(signal=table.c.signal + 1))


def _alerts(rows: Iterable[Any], members: Iterable[Any]) -> list[Alert]:
    of_alert: dict[str, dict[str, Member]] = {}
    for row in members:
        of_alert.setdefault(row.alert_id, {})[row.finding_id] = Member(
            row.finding_id,
            row.booking,
            row.added_at,
            told=bool(row.told),
            ended_at=row.ended_at,
            state=CaseState(row.state),
            end_told=bool(row.end_told),
        )
    return [_alert(row, of_alert.get(row.alert_id, {})) for row in rows]


def _alert(row: Any, members: dict[str, Member]) -> Alert:
    lists = {name: tuple(orjson.loads(getattr(row, name))) for name in _LISTS}
    return Alert(
        alert_id=row.alert_id,
        group=Group(row.source, topic_of(row.rule), Severity(row.severity), row.route),
        opened_at=row.opened_at,
        drill=bool(row.drill),
        members=members,
        closed_at=row.closed_at,
        merged_into=row.merged_into,
        acked_at=row.acked_at,
        acked_by=row.acked_by,
        cycle=row.cycle,
        step=row.step,
        step_at=row.step_at,
        repeat=row.repeat,
        repeat_at=row.repeat_at,
        rounds=row.rounds,
        **lists,
    )


def _row_of(alert: Alert) -> tuple[Any, ...]:
    group = alert.group
    values = {
        "source": group.source,
        "rule": group.rule.value,
        "severity": group.severity.value,
        "route": group.route,
        "drill": int(alert.drill),
        **{name: orjson.dumps(getattr(alert, name)).decode() for name in _LISTS},
    }
    return tuple(values[name] if name in values else getattr(alert, name) for name in _ALERT)


def _member_row(member: Member) -> tuple[Any, ...]:
    return (
        member.finding_id,
        member.booking,
        member.added_at,
        int(member.told),
        member.ended_at,
        member.state.value,
        int(member.end_told),
    )


def _owed(row: Any) -> Owed:
    rests_on, severity = tuple(orjson.loads(row.rests_on)), Severity(row.severity)
    return Owed(
        row.duty_id, DutyKind(row.kind), row.source, row.booking, row.about, row.due_at, row.waiting, rests_on, severity
    )


def _owed_row(owed: Owed) -> tuple[Any, ...]:
    rests_on = orjson.dumps(owed.rests_on).decode()
    return (*owed[:1], owed.kind.value, *owed[2:7], rests_on, owed.severity.value)
