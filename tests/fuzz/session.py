"""Damaged inputs through the parsers and the intake over a store in memory, each watched on its own."""

import faulthandler
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from connectors.jms_niem import MappingError, map_document
from integration.audit.checkpoint import sign_checkpoint
from integration.audit.entry import leaf
from integration.audit.note import SigningKey
from integration.audit.verify import Row, verify_rows
from integration.domain.instants import NEVER
from integration.policy.pack import Pack
from integration.runners.replay import SimulatedClock
from integration.services.desk import Desk
from integration.services.intake import Input, Intake
from integration.services.refused import Refused
from schemas.events import Received, parse
from schemas.refusals import InvalidEventError, Reason
from tests.audit.logs import root_of
from tests.connectors.jms_niem.reading import RECEIVED, SPRINGFIELD
from tests.fuzz.corpus import CANARY
from tests.memory_store import MemoryStore
from tests.oracle.cases import numbered, opened
from tests.scenarios.laws import desk_over

LIMIT_S = 1.0
"""Seconds that one input may take."""
BATCH = 25
HANG_S = 120
"""After so many seconds on one batch, the stack is printed and the process ends."""
KEY = SigningKey.generate("fuzz.invalid/log")


@dataclass(frozen=True)
class Fault:
    what: str
    """crash, unreadable (a mapped event that is none), slow, canary, stuck."""
    where: str
    raw: bytes


@dataclass
class Result:
    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_raw: bytes = b""
    waited: int = 0
    """Inputs that took over `LIMIT_S` by the clock, but not of this process's own time: the machine was busy."""
    faults: list[Fault] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Result") -> None:
        self.inputs += other.inputs
        self.accepted += other.accepted
        self.refused += other.refused
        self.seconds += other.seconds
        self.waited += other.waited
        self.faults += other.faults
        if other.slowest > self.slowest:
            self.slowest, self.slowest_raw = other.slowest, other.slowest_raw
        for reason, count in other.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count


def place_of(error: BaseException) -> str:
    """The kind of an error and the line of the product that it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/tests/" not in frame.filename]
    at = "/".join(frames[-1].filename.split("/")[-2:]) + f":{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {at}"


class Session:
    """One desk over one store, and everything that must hold whatever comes in."""

    def __init__(self, pack: Pack, result: Result) -> None:
        self.store = MemoryStore()
        self.desk: Desk = desk_over(self.store, pack)
        self.clock = SimulatedClock()
        self.result = result

    def take(self, batch: Sequence[bytes], read: Callable[[bytes], list[Received | InvalidEventError]]) -> None:
        """Take a batch as the intake does, but let no error pass for a refused input."""
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        parsed = [(raw, self.watched(raw, lambda raw=raw: read(raw)) or []) for raw in batch]
        self.desk.preload(each for _, found in parsed for each in found if isinstance(each, Received))
        for raw, found in parsed:
            for each in found:
                self.watched(raw, lambda raw=raw, each=each: self.file(raw, each))
        self.watched(b"", self.desk.commit)
        faulthandler.cancel_dump_traceback_later()
        self.result.inputs += len(batch)

    def watched(self, raw: bytes, do: Callable[[], Any]) -> Any:
        """Do something with an input; whatever it raises is a fault."""
        started, own = time.perf_counter(), time.thread_time()
        try:
            return do()
        except Exception as error:  # noqa: BLE001
            self.desk.forget()
            what = "unreadable" if isinstance(error, UnreadableError) else "crash"
            said = f": {error}" if isinstance(error, UnreadableError) else ""
            self.result.faults.append(Fault(what, place_of(error) + said, raw))
            return None
        finally:
            took, own = time.perf_counter() - started, time.thread_time() - own
            self.result.seconds += took
            if own > self.result.slowest:
                self.result.slowest, self.result.slowest_raw = own, raw
            if own > LIMIT_S:
                self.result.faults.append(Fault("slow", f"{own:.1f} s", raw))
            elif took > LIMIT_S:
                self.result.waited += 1

    def file(self, raw: bytes, each: Received | InvalidEventError) -> None:
        now = self.clock(each if isinstance(each, Received) else None)
        self.desk.advance(now - 1)
        refusal = each
        if isinstance(each, Received):
            try:
                if not self.desk.is_duplicate(each):
                    self.desk.accept(each, now)
            except InvalidEventError as error:
                refusal = error
            else:
                self.result.accepted += 1
                return
        assert isinstance(refusal, InvalidEventError)
        self.result.refused += 1
        self.result.reasons[refusal.reason.value] = self.result.reasons.get(refusal.reason.value, 0) + 1
        if CANARY in str(refusal) or CANARY in refusal.message:
            self.result.faults.append(Fault("canary", refusal.reason.value, raw))
        self.desk.refuse(Refused("fuzz:1", refusal.reason, refusal.message, raw, now))

    def finish(self, last: bytes) -> None:
        """After everything, time passes, a good event is accepted, and the log verifies."""
        self.watched(last, lambda: self.desk.advance(min(self.clock.now + 10**15, NEVER - 1)))
        (good,) = numbered((opened(1),))
        good |= {"id": "good after all", "source": "/jms/good"}
        taken = Intake(self.desk).take([Input("good", orjson.dumps(good))], self.clock, pass_time=self.desk.advance)
        if taken.accepted != 1:
            self.result.faults.append(Fault("stuck", "a good event is not accepted", last))
        if problems := verified(self.store):
            self.result.faults.append(Fault("stuck", problems, last))


def verified(store: MemoryStore) -> str:
    """Verify the store's log; an empty text where nothing is wrong."""
    rows = [
        Row(row.leaf_index, leaf(row.salt, row.body), row.salt, row.body, row.leaf_hash)
        for row in store.entries
        if row.salt is not None and row.body is not None
    ]
    root = root_of([row.leaf_hash for row in store.entries])
    report = verify_rows(rows, sign_checkpoint(KEY.name, len(store.entries), root, KEY), KEY.vkey)
    return "" if report.ok else f"the log does not verify: {report.problems[0].what}"


class UnreadableError(ValueError):
    """A mapper made an event that the contract refuses."""


def read_event(raw: bytes) -> list[Received | InvalidEventError]:
    try:
        return [parse(raw)]
    except InvalidEventError as refusal:
        return [refusal]


def read_document(raw: bytes) -> list[Received | InvalidEventError]:
    try:
        outcome = map_document(raw, SPRINGFIELD, received_at=RECEIVED)
    except MappingError as error:
        return [InvalidEventError(error.reason, str(error))]
    if any(CANARY in f"{note.place} {note.message}" for note in outcome.notes):
        return [InvalidEventError(Reason.BAD_VALUE, f"a note repeats {CANARY}")]
    found: list[Received | InvalidEventError] = [
        InvalidEventError(refusal.reason, f"{refusal.place}: {refusal.message}") for refusal in outcome.refusals
    ]
    for event in outcome.events:
        try:
            found.append(parse(orjson.dumps(event)))
        except InvalidEventError as error:
            raise UnreadableError(f"{error.reason}: {error.message}") from error
    return found
