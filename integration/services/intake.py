"""Taking inputs in: each is accepted, a duplicate, or refused and kept. None is lost, none stops the stream."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

from integration.domain.instants import Instant
from integration.errors import FatalError, LogGrewError, TransientError
from integration.services.desk import Desk
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


@dataclass(slots=True)
class Tally:
    """What became of the inputs. ``read`` is the sum of the others."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Count another batch in."""
        self.read += other.read
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.refused += other.refused
        for reason, count in other.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count


Parsed: TypeAlias = Received | InvalidEventError
Clock = Callable[[Received | None], Instant]
"""Gives the current time for an event (None: for an input that is none). Never steps back."""
OnRefused = Callable[[Refused], None]

_ATTEMPTS = 5
"""At a batch, while other processes of this installation extend the log too: commands of officers, which are rare."""


class Intake:
    """Runs batches over a desk, and tells a bad input from a failing store."""

    def __init__(self, desk: Desk, *, on_refused: OnRefused | None = None) -> None:
        """Args: ``on_refused`` is told of each refused input once it is kept."""
        self._desk = desk
        self._on_refused = on_refused

    def take(self, batch: Sequence[Input], clock: Clock, *, pass_time: Callable[[Instant], None]) -> Tally:
        """Take a batch in and commit it in one transaction.

        Args:
            batch: inputs in their order.
            clock: the current time, by event.
            pass_time: called before each input with its current time, so that earlier deadlines come first.

        Raises:
            TransientError: nothing of the batch is lost; take it again.
            FatalError: stop consuming.
        """
        parsed = [(each, _parse(each)) for each in batch]
        try:
            return self._run_again(parsed, clock, pass_time)
        except (TransientError, FatalError):
            self._desk.forget()
            raise
        except Exception as error:  # noqa: BLE001  one input that this program cannot digest must not stop the others
            # Told even where every input then goes through by itself: that would be a fault of ours, hidden.
            _log.error("batch.taken_singly", error=type(error).__name__, inputs=len(parsed))
            self._desk.forget()
        tally = Tally()
        for each, event in parsed:
            tally.add(self._run_alone(each, event, clock, pass_time))
        return tally

    def _run_alone(self, each: Input, event: Parsed, clock: Clock, pass_time: Callable[[Instant], None]) -> Tally:
        """Take one input in by itself; one that cannot be processed is kept as refused."""
        try:
            return self._run_again([(each, event)], clock, pass_time)
        except (TransientError, FatalError):
            self._desk.forget()
            raise
        except Exception as error:  # noqa: BLE001  kept with the kind of error as its reason; never its text
            self._desk.forget()
            refusal = InvalidEventError(Reason.CANNOT_PROCESS, f"{type(error).__name__} while processing")
            return self._run_again([(each, refusal)], clock, pass_time)

    def _run_again(
        self, parsed: Sequence[tuple[Input, Parsed]], clock: Clock, pass_time: Callable[[Instant], None]
    ) -> Tally:
        """Run a batch, whole again where another process wrote to the log in between."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._run(parsed, clock, pass_time)
            except LogGrewError:
                continue
        return self._run(parsed, clock, pass_time)

    def _run(self, parsed: Sequence[tuple[Input, Parsed]], clock: Clock, pass_time: Callable[[Instant], None]) -> Tally:
        tally = Tally(read=len(parsed))
        desk = self._desk
        told: list[Refused] = []
        desk.preload(event for _, event in parsed if isinstance(event, Received))
        for each, event in parsed:
            if isinstance(event, Received):
                now = clock(None)
                try:
                    if desk.is_duplicate(event):
                        tally.duplicates += 1
                    else:
                        # Only what is new moves simulated time.
                        now = clock(event)
                        pass_time(now)
                        desk.accept(event, now)
                        tally.accepted += 1
                    if each.dead_letter is not None:
                        desk.resubmitted(each.dead_letter)
                    continue
                except InvalidEventError as error:
                    refusal = error
            else:
                refusal, now = event, clock(None)
                pass_time(now)
            refused = Refused(each.place, refusal.reason, refusal.message, each.raw, now)
            if each.dead_letter is None and not desk.refuse(refused):
                tally.duplicates += 1
                continue
            tally.refused += 1
            tally.reasons[refusal.reason.value] = tally.reasons.get(refusal.reason.value, 0) + 1
            if each.dead_letter is None:
                told.append(refused)
        desk.commit()
        if self._on_refused is not None:
            for refused in told:
                self._on_refused(refused)
        return tally


def _parse(each: Input) -> Parsed:
    if each.refusal is not None:
        return each.refusal
    try:
        return parse(each.raw)
    except InvalidEventError as error:
        return error
