"""The mailroom's tables: outgoing messages, their recipients, approvals."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from integration.domain.instants import Instant
from integration.errors import StaleReadError
from integration.services.letters import CLOSED, AlreadyFiledError, ApprovalRow, DeliveryRow, MailRow
from integration.services.ports import Write
from integration.store import tables
from integration.store.database import sorted_errors

_CLOSED = tuple(state.value for state in CLOSED)
_MAILS, _DELIVERIES = tables.mails, tables.deliveries

# What every mail needs is put together once: to build such a statement takes longer than to run it.
_MAIL = select(_MAILS).where(_MAILS.c.mail_id == bindparam("mail_id"))
_HEAD = select(*[column for column in _MAILS.c if column.name not in ("envelope", "content")]).where(
    _MAILS.c.mail_id == bindparam("mail_id")
)
_DELIVERY = select(_DELIVERIES).where(_DELIVERIES.c.message_id == bindparam("message_id"))
_OF_MAIL = select(_DELIVERIES).where(_DELIVERIES.c.mail_id == bindparam("mail_id")).order_by(_DELIVERIES.c.number)
_ADD_MAIL, _ADD_DELIVERIES = insert(_MAILS), insert(_DELIVERIES)
_CHANGE = (
    update(_DELIVERIES)
    .where(_DELIVERIES.c.message_id == bindparam("was_id"), _DELIVERIES.c.version == bindparam("was_version"))
    .values({column.name: bindparam(f"new_{column.name}") for column in _DELIVERIES.c})
)
_STILL_OPEN = exists().where(_DELIVERIES.c.mail_id == bindparam("done_mail_id"), _DELIVERIES.c.state.not_in(_CLOSED))
_DROP_CONTENT = (
    update(_MAILS)
    .where(_MAILS.c.mail_id == bindparam("done_mail_id"), ~_STILL_OPEN)
    .values(envelope=None, content=None)
)
"""Takes envelope and content away where nothing about the message is open any more."""


class SqlMailBook:
    """See `MailBook`. Every read opens a connection of its own, so any thread or process may read."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`, migrated."""
        self._engine = engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with sorted_errors(), self._engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    # -- reading ----------------------------------------------------------------------------------------------------

    def mail(self, mail_id: str) -> MailRow | None:
        """See `MailBook.mail`."""
        with self._reading() as reading:
            row = reading.execute(_MAIL, {"mail_id": mail_id}).one_or_none()
        return None if row is None else MailRow(*row)

    def head(self, mail_id: str) -> MailRow | None:
        """See `MailBook.head`."""
        with self._reading() as reading:
            row = reading.execute(_HEAD, {"mail_id": mail_id}).mappings().one_or_none()
        return None if row is None else MailRow(**row, envelope=None, content=None)

    def digest_of(self, mail_id: str) -> bytes | None:
        """See `MailBook.digest_of`."""
        gone = tables.forgotten_mails
        with self._reading() as reading:
            for table in (_MAILS, gone):
                found = reading.execute(select(table.c.sha256).where(table.c.mail_id == mail_id)).scalar_one_or_none()
                if found is not None:
                    return bytes(found)
        return None

    def delivery(self, message_id: str) -> DeliveryRow | None:
        """See `MailBook.delivery`."""
        return next(iter(self._deliveries(_DELIVERY, {"message_id": message_id})), None)

    def deliveries_of(self, mail_id: str) -> Sequence[DeliveryRow]:
        """See `MailBook.deliveries_of`."""
        return self._deliveries(_OF_MAIL, {"mail_id": mail_id})

    def ready(self, now: Instant, limit: int, channels: Sequence[str], *, not_of: str = "") -> Sequence[DeliveryRow]:
        """See `MailBook.ready`."""
        table, mails = tables.deliveries, tables.mails
        due = [table.c.state == "to_send", table.c.next_at <= now, mails.c.channel.in_(channels)]
        if not_of:
            due.append(~mails.c.mail_id.startswith(not_of, autoescape=True))
        return self._deliveries(
            select(table)
            .join(mails, mails.c.mail_id == table.c.mail_id)
            .where(*due)
            .order_by(table.c.next_at, table.c.message_id)
            .limit(limit)
        )

    def in_states(
        self, states: Sequence[str], channels: Sequence[str] = (), *, before: Instant | None = None
    ) -> Sequence[DeliveryRow]:
        """See `MailBook.in_states`."""
        table, mails = tables.deliveries, tables.mails
        statement = select(table).where(table.c.state.in_(states)).order_by(table.c.changed_at, table.c.message_id)
        if channels:
            statement = statement.join(mails, mails.c.mail_id == table.c.mail_id).where(mails.c.channel.in_(channels))
        if before is not None:
            statement = statement.where(table.c.next_at < before)
        return self._deliveries(statement)

    def _deliveries(self, statement: Select[Any], values: Mapping[str, str] | None = None) -> Sequence[DeliveryRow]:
        with self._reading() as reading:
            return [DeliveryRow(*row) for row in reading.execute(statement, values)]

    def approvals_of(self, message_id: str) -> Sequence[ApprovalRow]:
        """See `MailBook.approvals_of`."""
        table = tables.approvals
        statement = select(table).where(table.c.message_id == message_id)
        with self._reading() as reading:
            rows = reading.execute(statement.order_by(table.c.granted_at, table.c.approval_id))
            return [ApprovalRow(*row) for row in rows]

    def counts(self) -> Mapping[str, int]:
        """See `MailBook.counts`."""
        table = tables.deliveries
        with self._reading() as reading:
            return {
                row[0]: row[1] for row in reading.execute(select(table.c.state, func.count()).group_by(table.c.state))
            }

    def done_before(self, instant: Instant, limit: int) -> Sequence[str]:
        """See `MailBook.done_before`."""
        mails, table = tables.mails, tables.deliveries
        open_still = table.c.state.not_in(_CLOSED) | (table.c.changed_at >= instant)
        statement = select(mails.c.mail_id).where(
            mails.c.received_at < instant, ~exists().where(table.c.mail_id == mails.c.mail_id, open_still)
        )
        with self._reading() as reading:
            return [row.mail_id for row in reading.execute(statement.order_by(mails.c.mail_id).limit(limit))]

    # -- writing ----------------------------------------------------------------------------------------------------

    def add(self, mail: MailRow, deliveries: Sequence[DeliveryRow]) -> Write:
        """See `MailBook.add`. The `Write` raises `AlreadyFiledError` where the id is taken."""

        def write(connection: Connection, /) -> None:
            try:
                connection.execute(_ADD_MAIL, mail._asdict())
                connection.execute(_ADD_DELIVERIES, [row._asdict() for row in deliveries])
            except IntegrityError:
                raise AlreadyFiledError(f"a message {mail.mail_id} is filed already") from None

        return write

    def change(self, before: DeliveryRow, after: DeliveryRow) -> Write:
        """See `MailBook.change`."""
        values = {f"new_{name}": value for name, value in after._asdict().items()}
        values |= {"was_id": before.message_id, "was_version": before.version, "new_version": before.version + 1}

        def write(connection: Connection, /) -> None:
            if connection.execute(_CHANGE, values).rowcount != 1:
                raise StaleReadError("a message was changed by another process since it was read")
            if after.state in _CLOSED:
                connection.execute(_DROP_CONTENT, {"done_mail_id": before.mail_id})

        return write

    def approve(self, row: ApprovalRow) -> Write:
        """See `MailBook.approve`."""

        def write(connection: Connection, /) -> None:
            connection.execute(insert(tables.approvals), row._asdict())

        return write

    def withdraw(self, approval_id: str, at: Instant, by: str) -> Write:
        """See `MailBook.withdraw`."""
        table = tables.approvals

        def write(connection: Connection, /) -> None:
            standing = (table.c.approval_id == approval_id, table.c.withdrawn_at.is_(None))
            gone = update(table).where(*standing).values(withdrawn_at=at, withdrawn_by=by)
            if connection.execute(gone).rowcount != 1:
                raise StaleReadError("an approval was withdrawn by another process since it was read")

        return write

    def forget(self, mail_ids: Sequence[str]) -> Write:
        """See `MailBook.forget`."""
        mails, table, approvals = tables.mails, tables.deliveries, tables.approvals

        def write(connection: Connection, /) -> None:
            # Other mails have an id that nobody can hand in again: it was made up here.
            own = select(mails.c.mail_id, mails.c.sha256).where(
                mails.c.mail_id.in_(mail_ids), mails.c.mail_id.contains("-")
            )
            connection.execute(insert(tables.forgotten_mails).from_select(["mail_id", "sha256"], own))
            theirs = select(table.c.message_id).where(table.c.mail_id.in_(mail_ids))
            connection.execute(delete(approvals).where(approvals.c.message_id.in_(theirs)))
            connection.execute(delete(table).where(table.c.mail_id.in_(mail_ids)))
            connection.execute(delete(mails).where(mails.c.mail_id.in_(mail_ids)))

        return write

    def unchanged(self, rows: Sequence[tuple[str, str, int]]) -> Write:
        """See `MailBook.unchanged`. PostgreSQL keeps the rows as they are until the transaction ends."""
        table = tables.bookings

        def write(connection: Connection, /) -> None:
            for source, number, version in rows:
                known = select(table.c.version).where(table.c.source == source, table.c.number == number)
                if connection.execute(known.with_for_update(read=True)).scalar_one_or_none() != (version or None):
                    raise StaleReadError("a booking was changed by another process since it was read")

        return write
