"""Taking inputs in: each is accepted, a duplicate, or refused and kept. None is lost, none stops the stream."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import structlog

from integration.domain.instants import Instant
from integration.errors import FatalError, LogGrewError, StaleReadError, TransientError
from integration.services.desk import Desk
from integration.services.ports import BookingKey, PositionRow, Write
from integration.services.refused import Refused
from schemas.events import Received, parse
from schemas.refusals import InvalidEventError, Reason

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Input:
    """One input as a connector hands it over."""

    place: str
    """Where it came from: file and line, topic and offset."""
    raw: bytes
    dead_letter: int | None = None
    """Set when a dead letter is taken up again."""
    refusal: InvalidEventError | None = None
    """Set when the connector could not read it: it is kept, and refused for that reason."""
    actor: str = ""
    """Who typed it in, as in ``officer:jdoe``; empty: a feed told it."""
    due: BookingKey | None = None
    """Set on a reminder of ours that this booking's deadline has come: no event, and nothing if it has not."""


@dataclass(slots=True)
class Tally:
    """What became of the inputs. ``read`` is the sum of accepted, duplicates and refused."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    reminders: int = 0
    """Inputs that are no events (`Input.due`); not among ``read``."""
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Count another batch in."""
        self.read += other.read
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.refused += other.refused
        self.reminders += other.reminders
        for reason, count in other.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count


Parsed: TypeAlias = Received | InvalidEventError | None
"""None for a reminder: nothing is to be parsed."""
Clock = Callable[[Received | None], Instant]
"""Gives the current time for an event (None: for an input that is none). Never steps back."""
OnRefused = Callable[[Refused], None]

_ATTEMPTS = 5
"""At a batch, while other processes of this installation change what it read: officers' commands, other workers."""


@dataclass(slots=True)
class _Work:
    """An input on its way in."""

    input: Input
    event: Parsed
    before: Instant | None = None
    """What the clock said when it was first looked at, so that a batch that is run again lives the same times."""
    after: Instant | None = None
    """What it said with the event known."""


class Intake:
    """Runs batches over a desk, and tells a bad input from a failing store."""

    def __init__(self, desk: Desk, *, on_refused: OnRefused | None = None) -> None:
        """Args: ``on_refused`` is told of each refused input once it is kept."""
        self._desk = desk
        self._on_refused = on_refused

    def take(
        self,
        batch: Sequence[Input],
        clock: Clock,
        *,
        pass_time: Callable[[Instant], None],
        positions: Sequence[PositionRow] = (),
        also: Sequence[Write] = (),
    ) -> Tally:
        """Take a batch in and commit it in one transaction.

        Args:
            batch: inputs in their order.
            clock: the current time, by event.
            pass_time: called before each input with its current time, so that earlier deadlines come first.
            positions: how far the partitions that the batch came from are processed after it. Stored in the same
                transaction, also for an empty batch; of a batch that has to be taken in parts, with the last one.
            also: what a connector keeps with it, such as how far it has read; as the positions, with the last part.

        Raises:
            StaleReadError: other workers kept changing what the batch reads; take it again.
            FencedError: another worker owns one of the partitions: nothing of the batch is to be taken here.
            TransientError: nothing of the batch is lost; take it again.
            FatalError: stop consuming.
        """
        works = [_Work(each, None if each.due is not None else _parse(each)) for each in batch]
        run = _Run(self._desk, clock, pass_time, self._on_refused)
        return self._take(works, run, positions, also, whole=True)

    def _take(
        self,
        works: Sequence[_Work],
        run: "_Run",
        positions: Sequence[PositionRow],
        also: Sequence[Write],
        *,
        whole: bool = False,
    ) -> Tally:
        """Take inputs in; where the program fails at one of them, halve until it is alone, and refuse it."""
        try:
            return run.again(works, positions, also)
        except (TransientError, FatalError):
            self._desk.forget()
            raise
        except Exception as error:
            # One input that this program cannot digest must not stop the others.
            self._desk.forget()
            if whole:
                # Told even where every part then goes through by itself: that would be a fault of ours, hidden.
                _log.error("batch.halved", error=type(error).__name__, inputs=len(works))
            if len(works) == 1 and works[0].input.due is not None:
                raise FatalError(f"a booking's deadline cannot be worked out: {type(error).__name__}") from error
            if len(works) <= 1:
                # Kept with the kind of error as its reason; never its text.
                refusal = InvalidEventError(Reason.CANNOT_PROCESS, f"{type(error).__name__} while processing")
                return run.again([replace(each, event=refusal) for each in works], positions, also)
        half = len(works) // 2
        # The first half fences, too, but moves no position: a worker that dies in between begins at the same place.
        tally = self._take(works[:half], run, [row._replace(after=row.before) for row in positions], ())
        tally.add(self._take(works[half:], run, positions, also))
        return tally


class _Run:
    """Runs some inputs of a batch over a desk, in one transaction."""

    def __init__(
        self, desk: Desk, clock: Clock, pass_time: Callable[[Instant], None], on_refused: OnRefused | None
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._pass_time = pass_time
        self._on_refused = on_refused

    def again(self, works: Sequence[_Work], positions: Sequence[PositionRow], also: Sequence[Write] = ()) -> Tally:
        """Run inputs, all of them again where another process changed in between what they read."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._once(works, positions, also)
            except (LogGrewError, StaleReadError):
                continue
        return self._once(works, positions, also)

    def _once(self, works: Sequence[_Work], positions: Sequence[PositionRow], also: Sequence[Write]) -> Tally:
        tally, desk, told = Tally(), self._desk, list[Refused]()
        due = [each.input.due for each in works if each.input.due is not None]
        desk.preload((each.event for each in works if isinstance(each.event, Received)), due)
        for each in works:
            if each.before is None:
                each.before = self._clock(None)
            if each.input.due is not None:
                tally.reminders += 1
                self._pass_time(each.before)
                desk.due(each.input.due, each.before)
                continue
            tally.read += 1
            refusal, now = self._accept(each, tally)
            if refusal is None:
                continue
            refused = Refused(each.input.place, refusal.reason, refusal.message, each.input.raw, now)
            if each.input.dead_letter is None and not desk.refuse(refused):
                tally.duplicates += 1
                continue
            tally.refused += 1
            tally.reasons[refusal.reason.value] = tally.reasons.get(refusal.reason.value, 0) + 1
            if each.input.dead_letter is None:
                told.append(refused)
        desk.commit(positions, also)
        if self._on_refused is not None:
            for refused in told:
                self._on_refused(refused)
        return tally

    def _accept(self, each: _Work, tally: Tally) -> tuple[InvalidEventError | None, Instant]:
        """Take an event in, unless it is a duplicate. Returns why it is refused, and when."""
        assert each.before is not None
        event, now = each.event, each.before
        if not isinstance(event, Received):
            self._pass_time(now)
            return event, now
        try:
            if self._desk.is_duplicate(event):
                tally.duplicates += 1
            else:
                # Only what is new moves simulated time.
                if each.after is None:
                    each.after = self._clock(event)
                now = each.after
                self._pass_time(now)
                self._desk.accept(event, now, each.input.actor)
                tally.accepted += 1
        except InvalidEventError as error:
            return error, now
        if each.input.dead_letter is not None:
            self._desk.resubmitted(each.input.dead_letter)
        return None, now


def _parse(each: Input) -> Parsed:
    if each.refusal is not None:
        return each.refusal
    try:
        return parse(each.raw)
    except InvalidEventError as error:
        return error
