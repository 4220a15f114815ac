"""Facts: what an accepted event says, without the envelope and without anything the rules do not read.

Every fact keeps its event's ``id`` (evidence) and ``time``. Section numbers are those of the event contract.
"""

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final, TypeAlias

from integration.domain.instants import Instant


@dataclass(frozen=True, slots=True)
class Opened:
    """The booking was opened."""

    id: str
    time: Instant
    basis: tuple[str, ...]
    identification: str | None


@dataclass(frozen=True, slots=True)
class Voided:
    """The booking was a mistake."""

    id: str
    time: Instant


@dataclass(frozen=True, slots=True)
class Moved:
    """The facts follow to the booking number ``into``."""

    id: str
    time: Instant
    into: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """The event ``retracts`` of the same source never counted."""

    id: str
    time: Instant
    retracts: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold was placed, as the source system describes its paper."""

    id: str
    time: Instant
    hold_id: str
    kind: str
    expires_at: Instant | None
    form: str | None
    agency: str | None
    ori: str | None
    court: str | None
    official_title: str | None
    charge_code: str | None
    charge_description: str | None


@dataclass(frozen=True, slots=True)
class Lifted:
    """A hold was lifted."""

    id: str
    time: Instant
    hold_id: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A person verified the warrant ``hold_id``."""

    id: str
    time: Instant
    hold_id: str


@dataclass(frozen=True, slots=True)
class Due:
    """The person is entitled to release at ``due_at`` (release.due, or bail that covers all)."""

    id: str
    time: Instant
    due_at: Instant


@dataclass(frozen=True, slots=True)
class Rescinded:
    """Entitlements stated until then no longer stand."""

    id: str
    time: Instant


@dataclass(frozen=True, slots=True)
class Released:
    """The person left custody."""

    id: str
    time: Instant


@dataclass(frozen=True, slots=True)
class Transferred:
    """Another agency took the person."""

    id: str
    time: Instant
    to_agency: str
    temporary: bool
    warrant_hold_id: str | None


@dataclass(frozen=True, slots=True)
class BailTurnedDown:
    """Bail was offered and refused."""

    id: str
    time: Instant


@dataclass(frozen=True, slots=True)
class Served:
    """The person was given a copy of the paper ``hold_id``."""

    id: str
    time: Instant
    hold_id: str


@dataclass(frozen=True, slots=True)
class StatusReceived:
    """The feed sent forbidden fields; only their names are known."""

    id: str
    time: Instant
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessAsked:
    """An agency wants to reach the person in custody."""

    id: str
    time: Instant
    access_id: str
    agency: str
    warrant_hold_id: str | None


@dataclass(frozen=True, slots=True)
class AssistanceAsked:
    """An agency asks staff to take part."""

    id: str
    time: Instant
    assistance_id: str
    agency: str
    kind: str


@dataclass(frozen=True, slots=True)
class MessageAsked:
    """Somebody wants to send a message; who gets it and what it gives away, judged at intake, never its text."""

    id: str
    time: Instant
    message_id: str
    channel: str
    sender: str | None
    recipient_class: str
    purpose: str | None
    categories: tuple[str, ...]
    unreadable: bool
    """A recipient could not be read."""
    unread: bool
    """Some of it could not be read, or not for certain; or there is a raw body that nobody here has seen."""
    doubts: tuple[str, ...] = ()
    """The typed reasons of both."""
    digest: str = ""
    """Equal for requests that say the same to the same recipients; empty: this one is known to be like no other."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A person approved one message."""

    id: str
    time: Instant
    approval_id: str
    message_id: str
    legal_basis: str
    approved_by: str
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class ApprovalTakenBack:
    """An approval no longer stands."""

    id: str
    time: Instant
    approval_id: str


Fact: TypeAlias = (
    Opened
    | Voided
    | Moved
    | Retracted
    | Placed
    | Lifted
    | Verified
    | Due
    | Rescinded
    | Released
    | Transferred
    | BailTurnedDown
    | Served
    | StatusReceived
    | AccessAsked
    | AssistanceAsked
    | MessageAsked
    | Approved
    | ApprovalTakenBack
)

_CLASSES: Final[tuple[type[Any], ...]] = (
    Opened,
    Voided,
    Moved,
    Retracted,
    Placed,
    Lifted,
    Verified,
    Due,
    Rescinded,
    Released,
    Transferred,
    BailTurnedDown,
    Served,
    StatusReceived,
    AccessAsked,
    AssistanceAsked,
    MessageAsked,
    Approved,
    ApprovalTakenBack,
)
_VALUES: Final = {cls: attrgetter(*(field.name for field in fields(cls))) for cls in _CLASSES}
_TAGS: Final = {cls: cls.__name__ for cls in _CLASSES}
_BY_TAG: Final = {cls.__name__: cls for cls in _CLASSES}
_WITH_LISTS: Final = frozenset({"Opened", "StatusReceived", "MessageAsked"})


def to_row(fact: Fact) -> list[Any]:
    """Write a fact as a plain list: its class's name, then its fields in order."""
    cls = type(fact)
    return [_TAGS[cls], *_VALUES[cls](fact)]


def from_row(row: list[Any]) -> Fact:
    """Read a fact written by `to_row`."""
    tag, *values = row
    if tag in _WITH_LISTS:
        values = [tuple(value) if isinstance(value, list) else value for value in values]
    fact: Fact = _BY_TAG[tag](*values)
    return fact
