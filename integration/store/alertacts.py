"""What people's acts about alerts write, and what lists of alerts read."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from integration.domain.instants import Instant
from integration.errors import StaleReadError
from integration.services.alertacts import AckRow
from integration.services.alertports import NoticeRow, SilenceRow
from integration.services.ports import Write
from integration.store import tables
from integration.store.alerts import SqlAlerts, signal


class SqlAlertActs(SqlAlerts):
    """See `ActStore`."""

    def notice(self, notice_id: str) -> NoticeRow | None:
        """See `ActStore.notice`."""
        table = tables.notices
        return next((NoticeRow(*row) for row in self._all(select(table).where(table.c.notice_id == notice_id))), None)

    def notices_of(self, alert_id: str) -> list[NoticeRow]:
        """Return the notices of an alert, the oldest first."""
        table = tables.notices
        chosen = select(table).where(table.c.alert_id == alert_id).order_by(table.c.due_at, table.c.notice_id)
        return [NoticeRow(*row) for row in self._all(chosen)]

    def acks_of(self, alert_id: str) -> Sequence[Any]:
        """Return who acknowledged an alert (``by``, ``at``, ``notice_id``), in their order."""
        table = tables.acks
        chosen = select(table.c.by, table.c.at, table.c.notice_id).where(table.c.alert_id == alert_id)
        return self._all(chosen.order_by(table.c.number))

    def acked_by_link(self, notice_id: str) -> bool:
        """See `ActStore.acked_by_link`."""
        table = tables.acks
        return bool(self._all(select(table.c.number).where(table.c.notice_id == notice_id)))

    def silence(self, silence_id: str) -> SilenceRow | None:
        """See `ActStore.silence`."""
        table = tables.silences
        found = self._all(select(table).where(table.c.silence_id == silence_id))
        return next((SilenceRow(*row) for row in found), None)

    def silences_at(self, now: Instant) -> list[SilenceRow]:
        """Return the silences that have not ended, the first to end first."""
        table = tables.silences
        chosen = select(table).where(table.c.end_at > now).order_by(table.c.end_at, table.c.silence_id)
        return [SilenceRow(*row) for row in self._all(chosen)]

    def write_ack(self, ack: AckRow) -> Write:
        """See `ActStore.write_ack`."""

        def write(connection: Connection) -> None:
            values = {**ack._asdict(), "covers": orjson.dumps(ack.covers).decode(), "applied": 0}
            try:
                connection.execute(insert(tables.acks).values(values))
            except IntegrityError as error:
                raise StaleReadError("this link was used meanwhile") from error
            signal(connection)

        return write

    def write_silence(self, row: SilenceRow) -> Write:
        """See `ActStore.write_silence`."""

        def write(connection: Connection) -> None:
            table = tables.silences
            changed = update(table).where(table.c.silence_id == row.silence_id).values(end_at=row.end_at)
            if connection.execute(changed).rowcount == 0:
                connection.execute(insert(table).values(row._asdict()))
            signal(connection)

        return write
