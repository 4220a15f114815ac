"""The custody time line of one booking: holds, authority, and the stretches without it (section 4, rules 1 to 5)."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

from integration.domain.facts import (
    Due,
    Fact,
    Lifted,
    Opened,
    Placed,
    Released,
    Rescinded,
    Transferred,
    Verified,
)
from integration.domain.instants import NEVER, Instant, Interval, gaps, union
from integration.domain.papers import HoldClass, Paper, classify
from integration.domain.parameters import Parameters

_F = TypeVar("_F", bound=Fact)
_OfHold = TypeVar("_OfHold", Placed, Lifted)

_BY_TIME: Final = attrgetter("time", "id")
"""Of two at the same instant the smaller id comes first, so that the order of arrival cannot matter."""


def _earliest(facts: Sequence[_F]) -> _F | None:
    return facts[0] if len(facts) == 1 else min(facts, key=_BY_TIME, default=None)


def _latest(facts: Sequence[_F]) -> _F | None:
    return facts[0] if len(facts) == 1 else max(facts, key=_BY_TIME, default=None)


class Standing:
    """The standing facts of one booking, sorted by kind once."""

    __slots__ = ("_by_class",)

    def __init__(self, facts: Iterable[Fact]) -> None:
        """Args: ``facts`` are those that count for this booking (see `groups.standing_bookings`)."""
        by_class: dict[type, list[Fact]] = {}
        for fact in facts:
            of_class = by_class.get(type(fact))
            if of_class is None:
                by_class[type(fact)] = [fact]
            else:
                of_class.append(fact)
        self._by_class = by_class

    def of(self, kind: type[_F]) -> list[_F]:
        """Return the facts of one class."""
        return self._by_class.get(kind, [])  # type: ignore[return-value]  # the key is the class of its values


class Hold(NamedTuple):
    """One hold after rule 2 and rule 3: what it is, and when it is active."""

    hold_id: str
    paper: Paper
    start: Instant
    end: Instant
    """First instant at which it is no longer active; `NEVER` while none is known."""
    placed_id: str
    """The event that stands in for all that placed it."""
    ended_by: str | None
    """The event that ended it (lifted, due), if one did."""
    authority: Interval
    """When it gives authority to keep the person; empty for papers that never do."""


class Timeline(NamedTuple):
    """A booking's custody, holds, and stretches without authority."""

    start: Instant
    end: Instant
    """Custody is [start, end): empty (0, 0) where neither an opening nor a hold is known."""
    opening_id: str | None
    closing_id: str | None
    holds: tuple[Hold, ...]
    stretches: tuple[Interval, ...]
    """Maximal stretches of custody without authority. The start of each is a release time (rule 4)."""
    due: Due | None


_NO_INTERVAL: Interval = (0, 0)


def standing_due(facts: Standing) -> Due | None:
    """Return *the due*: the latest release.due that no later-or-equal release.rescinded cancels (rule 3)."""
    dues = facts.of(Due)
    if not dues:
        return None
    rescissions = facts.of(Rescinded)
    if rescissions:
        rescinded = max(fact.time for fact in rescissions)
        dues = [due for due in dues if due.time > rescinded]
    return _latest(dues)


def holds_of(facts: Standing, due: Due | None, parameters: Parameters) -> tuple[Hold, ...]:
    """Apply rules 2 and 3 to every hold of a booking."""
    lifts = _by_hold(facts.of(Lifted))
    return tuple(
        [
            _hold(placings, lifts.get(hold_id, ()), facts, due, parameters)
            for hold_id, placings in _by_hold(facts.of(Placed)).items()
        ]
    )


def _by_hold(facts: Iterable[_OfHold]) -> dict[str, list[_OfHold]]:
    by_hold: dict[str, list[_OfHold]] = {}
    for fact in facts:
        of_hold = by_hold.get(fact.hold_id)
        if of_hold is None:
            by_hold[fact.hold_id] = [fact]
        else:
            of_hold.append(fact)
    return by_hold


def _hold(
    placings: Sequence[Placed], lifts: Sequence[Lifted], facts: Standing, due: Due | None, parameters: Parameters
) -> Hold:
    # Rule 2: the latest stands in for all, from the earliest of their times.
    last, start = placings[0], placings[0].time
    if len(placings) > 1:
        last = max(placings, key=_BY_TIME)
        start = min(placed.time for placed in placings)
    end = NEVER if last.expires_at is None else last.expires_at
    ended_by: str | None = None
    for lifted in lifts:
        if lifted.time < start:
            continue
        if lifted.time < end or (lifted.time == end and ended_by is not None and lifted.id < ended_by):
            end, ended_by = lifted.time, lifted.id
    paper = classify(last, parameters.immigration_authorities)
    authority = _NO_INTERVAL
    match paper.hold_class:
        case HoldClass.LOCAL:
            # Rule 3: entitlement to release ends every local hold that was there when it was stated.
            if due is not None and start <= due.time and due.due_at < end:
                end, ended_by = due.due_at, due.id
            authority = (start, end)
        case HoldClass.OTHER_CRIMINAL:
            authority = (start, end)
        case HoldClass.JUDICIAL:
            authority = (_verified_from(start, last.hold_id, facts, parameters), end)
    return Hold(last.hold_id, paper, start, end, last.id, ended_by, authority)


def _verified_from(start: Instant, hold_id: str, facts: Standing, parameters: Parameters) -> Instant:
    """Section 3: where the pack asks for it, a warrant gives no authority until it is verified."""
    if not parameters.require_warrant_verification:
        return start
    verified = (fact.time for fact in facts.of(Verified) if fact.hold_id == hold_id)
    return max(start, min(verified, default=NEVER))


def timeline_of(facts: Standing, parameters: Parameters) -> Timeline:
    """Return the time line of a booking that is not voided (rule 1)."""
    due = standing_due(facts)
    holds = holds_of(facts, due, parameters)
    openings: Sequence[Opened | Placed] = facts.of(Opened) or facts.of(Placed)
    opening = _earliest(openings)
    if opening is None:
        return Timeline(0, 0, None, None, holds, (), due)
    closing = _closing(facts, opening.time)
    end = NEVER if closing is None else closing.time
    stretches = gaps((opening.time, end), union([hold.authority for hold in holds]))
    return Timeline(
        start=opening.time,
        end=end,
        opening_id=opening.id,
        closing_id=None if closing is None else closing.id,
        holds=holds,
        stretches=tuple(stretches),
        due=due,
    )


def _closing(facts: Standing, start: Instant) -> Released | Transferred | None:
    """Rule 1: the earliest release or lasting transfer that is not before custody's start."""
    released, transferred = facts.of(Released), facts.of(Transferred)
    if not released and not transferred:
        return None
    ends: list[Released | Transferred] = [fact for fact in released if fact.time >= start]
    ends += [fact for fact in transferred if not fact.temporary and fact.time >= start]
    return _earliest(ends)
