"""Taking an entry out of sight: in the transaction that logs the sealing, and out of the database's old pages."""

from sqlalchemy import Connection, Engine, delete, insert, select, tuple_, update

from integration.errors import LogConflictError
from integration.services.ports import Changes
from integration.store import tables
from integration.store.database import sorted_errors


def seal_rows(connection: Connection, changes: Changes) -> None:
    """Remove what sealed entries said, also from the projections, and keep their leaves."""
    _refuse_while_waiting(connection, changes)
    if connection.dialect.name == "sqlite":
        # Deleted content is overwritten with zeros, not only marked as free.
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    entries, findings, decisions = tables.entries, tables.findings, tables.decisions
    connection.execute(
        update(entries)
        .where(entries.c.leaf_index.in_([row.leaf_index for row in changes.sealed]))
        # The time too: with the body gone, nothing in the log vouches for it any more.
        .values(body=None, salt=None, at=0, kind="", source="", booking="", outcome="")
    )
    connection.execute(insert(tables.sealed_leaves), [row._asdict() for row in changes.sealed])
    if changes.gone_findings:
        connection.execute(delete(findings).where(findings.c.finding_id.in_(changes.gone_findings)))
    if changes.gone_decisions:
        key = tuple_(decisions.c.source, decisions.c.request, decisions.c.request_id)
        connection.execute(delete(decisions).where(key.in_(changes.gone_decisions)))


def _refuse_while_waiting(connection: Connection, changes: Changes) -> None:
    """See that no entry waits that tells of what the sealing takes back: it would be told again, out of order.

    Raises:
        LogConflictError: one does; once it has its place, the sealing can be carried out.
    """
    if not (changes.findings or changes.decisions or changes.gone_findings or changes.gone_decisions):
        return
    if connection.dialect.name == "postgresql":
        # No worker may commit one from here to the end of this transaction.
        connection.exec_driver_sql("LOCK TABLE unsequenced IN SHARE MODE")
    entries, waiting = tables.entries, tables.unsequenced
    same = select(waiting.c.number).join(
        entries, (entries.c.source == waiting.c.source) & (entries.c.booking == waiting.c.booking)
    )
    sealed = [row.leaf_index for row in changes.sealed]
    if connection.execute(same.where(entries.c.leaf_index.in_(sealed)).limit(1)).first() is not None:
        raise LogConflictError(
            "entries about the same booking wait for their place in the log: is the sequencer running?"
        )


def scrub(engine: Engine) -> None:
    """Cut SQLite's write-ahead log, which still holds the pages as they were; as far as other readers allow."""
    if engine.dialect.name != "sqlite":
        return
    with sorted_errors(), engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
