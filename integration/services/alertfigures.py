"""Figures of alerting for whoever watches it: counted in the database, so that they are those of any process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from integration.domain.instants import Instant


class AlertCount(NamedTuple):
    """Open alerts of one facility and severity. Exercises are left out."""

    source: str
    severity: str
    open: int
    unacknowledged: int
    oldest_at: Instant | None
    """When the oldest that nobody has acknowledged was opened."""


class DutyCount(NamedTuple):
    """Duties of one kind that people are told of."""

    kind: str
    due: int
    """Not late yet."""
    overdue: int


class WaitingCount(NamedTuple):
    """Messages of the gate in one state that is not the last one."""

    state: str
    messages: int
    oldest_at: Instant
    """When the oldest of them came."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it at one instant."""

    at: Instant
    alerts: tuple[AlertCount, ...]
    waiting: Mapping[str, int]
    """Notices that are to be sent, by receiver."""
    silences: int
    duties: tuple[DutyCount, ...]
    messages: tuple[WaitingCount, ...]


class FigureStore(Protocol):
    """What counts."""

    def figures(self, now: Instant) -> Figures:
        """Count. Raises `TransientError` or `FatalError` for a failing database."""
        ...
