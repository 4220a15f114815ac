"""How far each partition is processed, and the fence around it: who lost a partition cannot commit for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from integration.errors import FencedError
from integration.services.ports import Claim, PositionRow
from integration.store.tables import positions

_INSERT: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def claim_position(connection: Connection, topic: str, partition: int, owner: str) -> Claim:
    """Take a partition over; waits until a commit of the earlier owner that is under way has ended."""
    statement = _INSERT[connection.dialect.name](positions).values(
        topic=topic, partition=partition, next_offset=None, epoch=1, owner=owner
    )
    claimed = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["topic", "partition"],
            set_={"epoch": positions.c.epoch + 1, "owner": statement.excluded.owner},
        ).returning(positions.c.epoch, positions.c.next_offset)
    ).one()
    return Claim(claimed.epoch, claimed.next_offset)


def move_positions(connection: Connection, rows: Sequence[PositionRow]) -> None:
    """Move positions, in one order for everybody.

    Raises:
        FencedError: somebody else claimed a partition, or moved it.
    """
    for row in sorted(rows):
        moved = connection.execute(
            update(positions)
            .where(
                positions.c.topic == row.topic,
                positions.c.partition == row.partition,
                positions.c.epoch == row.epoch,
                or_(positions.c.next_offset == row.before, positions.c.next_offset.is_(None)),
            )
            .values(next_offset=row.after)
        )
        if moved.rowcount != 1:
            raise FencedError(f"{row.topic}/{row.partition} is another worker's, or is not at offset {row.before}")
