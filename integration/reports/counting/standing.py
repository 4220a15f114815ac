"""What stands, of all that was told: without what was retracted, set aside or voided, under the number it counts for.

The same reading of EVENTS.md section 4 as the rules have; retractions and moves are the domain's own functions.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from integration.domain.facts import Moved, Retracted
from integration.domain.groups import destinations, retracted_ids, terminal
from integration.reports.counting.period import instant_of
from integration.reports.counting.register import Act, Decided, Event, Register, Told

_T = TypeVar("_T", Told, Decided)
_M = TypeVar("_M")

RETRACTED: Final = "jail.event.retracted.v1"
MOVED: Final = "jail.booking.moved.v1"
VOIDED: Final = "jail.booking.voided.v1"
ALWAYS: Final = frozenset({RETRACTED, MOVED, VOIDED})
"""Events that every report has to know."""


class Standing:
    """A log's content as it stands after its first ``before`` entries."""

    def __init__(self, register: Register, before: int | None = None) -> None:
        """Args: ``before`` is a number of entries; None: all that were read."""
        self._register = register
        self._made: dict[Callable[[Standing], Any], Any] = {}
        self.before = register.size if before is None else before
        self._gone = self._retracted() | {
            (source, event_id) for index, source, event_id in register.set_aside if index < self.before
        }
        self._gone_ids = {event_id for _, event_id in self._gone}
        self._onward = self._moves()
        self._void = {(event.source, self.home(event)) for event in self._kept(VOIDED)}
        self._void_numbers = {number for _, number in self._void}

    def once(self, make: Callable[["Standing"], _M]) -> _M:
        """Return what a function makes of this, made once."""
        if make not in self._made:
            self._made[make] = make(self)
        found: _M = self._made[make]
        return found

    @property
    def as_of_text(self) -> str:
        """Time of the last entry that was read; empty for an empty log."""
        return self._register.as_of

    def _raw(self, kind: str) -> Iterator[Event]:
        return (event for event in self._register.events.get(kind, ()) if event.leaf < self.before)

    def _kept(self, kind: str) -> Iterator[Event]:
        # Nearly every event stands, and its id alone says so: a pair to look up is made of few.
        ids, gone = self._gone_ids, self._gone
        return (e for e in self._raw(kind) if e.event_id not in ids or (e.source, e.event_id) not in gone)

    def _retracted(self) -> set[tuple[str, str]]:
        by_source: dict[str, list[Retracted]] = {}
        for event in self._raw(RETRACTED):
            fact = Retracted(event.event_id, instant_of(event.time), event.data["retracts"])
            by_source.setdefault(event.source, []).append(fact)
        return {(source, gone) for source, facts in by_source.items() for gone in retracted_ids(facts)}

    def _moves(self) -> dict[str, dict[str, str]]:
        by_source: dict[str, dict[str, list[Moved]]] = {}
        for event in self._kept(MOVED):
            fact = Moved(event.event_id, instant_of(event.time), event.data["into"])
            by_source.setdefault(event.source, {}).setdefault(event.booking, []).append(fact)
        return {source: destinations(moves)[0] for source, moves in by_source.items()}

    def home(self, event: Event | Told) -> str:
        """Return the booking number that something counts for."""
        onward = self._onward.get(event.source)
        return terminal(onward, event.booking) if onward else event.booking

    def number_now(self, source: str, booking: str) -> str:
        """Return the number that a booking number counts for; in every feed, where ``source`` is empty."""
        for feed, onward in self._onward.items():
            if source in {"", feed} and booking in onward:
                return terminal(onward, booking)
        return booking

    def events(self, kind: str) -> Iterator[tuple[str, Event]]:
        """Yield the events of a type that stand, each with the booking number it counts for."""
        onward, void, numbers = self._onward, self._void, self._void_numbers
        for event in self._kept(kind):
            home, moves = event.booking, onward.get(event.source)
            if moves and home in moves:
                home = terminal(moves, home)
            if home not in numbers or (event.source, home) not in void:
                yield home, event

    def event_of(self, *kinds: str) -> dict[tuple[str, str], tuple[str, Event]]:
        """Return the standing events of some types by source and id, each with its type."""
        return {(e.source, e.event_id): (kind, e) for kind in kinds for _, e in self.events(kind)}

    def findings(self, *rules: str) -> Iterator[Told]:
        """Yield the findings of some rules as last told, without withdrawn ones."""
        for tellings in self._register.findings.values():
            last = _last(tellings, self.before)
            if last is not None and last.rule in rules and last.status != "withdrawn":
                yield last

    def acts(self, kind: str) -> Iterator[Act]:
        """Yield what people did, of one kind of entry."""
        return (act for act in self._register.acts if act.kind == kind and act.leaf < self.before)

    def decisions(self, request: str) -> Iterator[tuple[tuple[str, str, str], Decided, Decided]]:
        """Yield the first and the last decision on each request of a kind (``message``, ...), by its key."""
        for key, tellings in self._register.decisions.items():
            last = _last(tellings, self.before)
            if last is not None and key[1] == request:
                yield key, tellings[0], last


def _last(tellings: list[_T], before: int) -> _T | None:
    for told in reversed(tellings):
        if told.leaf < before:
            return told
    return None
