"""Sealing: a court orders an entry out of sight, and every proof stays valid.

The leaf is a salted commitment. Without salt and body it says nothing about anybody; the tree stays as it is.
"""

from dataclasses import dataclass, replace
from typing import Final

from integration.audit.entry import Entry

KIND: Final = "entry.sealed"
_NEVER: Final = frozenset({KIND, "key.rotated"})
"""Without these nobody could follow the log any more."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as it lies in the log.

    Attributes:
        index: The leaf index.
        kind: The entry's kind, which a sealed entry no longer tells: ``""`` then.
        leaf: The leaf data.
        salt: None once sealed.
        body: None once sealed.
    """

    index: int
    kind: str
    leaf: bytes
    salt: bytes | None
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who seals, on what authority, when.

    Attributes:
        authority: The court order's number or the statute that asks for it.
        actor: The person who carries it out.
        at: Microseconds since the Unix epoch, UTC.
        source: The feed or component the sealing came through.
        place: Component and host.
        pack: The policy pack in force.
        pack_revision: Its revision.
    """

    authority: str
    actor: str
    at: int
    source: str
    place: str
    pack: str
    pack_revision: str


class SealingError(ValueError):
    """The entry must not, or need not, be sealed."""


def seal(logged: Logged, order: Order) -> tuple[Logged, Entry]:
    """Return the sealed entry and the entry that records the sealing; commit both in one transaction.

    The record names the leaf and the order, and no booking: that would tell whose entry it was.

    Raises:
        SealingError: It is sealed already, is itself the record of a sealing (which makes a missing body
            lawful, so it stays readable), or the order names no authority or no actor.
    """
    if logged.salt is None or logged.body is None:
        raise SealingError(f"entry {logged.index} is sealed already")
    if logged.kind in _NEVER:
        raise SealingError(f"entry {logged.index} records a sealing and stays readable")
    if not order.authority or not order.actor:
        raise SealingError("a sealing names its authority and its actor")
    record = Entry(
        kind=KIND,
        at=order.at,
        source=order.source,
        booking="",
        actor=order.actor,
        outcome="sealed",
        place=order.place,
        pack=order.pack,
        pack_revision=order.pack_revision,
        detail={"actor": order.actor, "authority": order.authority, "leaf_index": logged.index},
    )
    return replace(logged, kind="", salt=None, body=None), record
