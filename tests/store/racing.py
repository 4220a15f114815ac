"""Several writers over one history, on one store, and what has to hold once all of them are through."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.merkle import Tile
from integration.audit.note import SigningKey
from integration.audit.proofs import root_at
from integration.errors import LogGrewError, StaleReadError
from integration.policy.pack import Pack
from integration.services.casefile import CaseFile
from integration.services.desk import Desk, Owns
from integration.services.intake import Input, Intake
from integration.services.ports import BookingRow, EventKey, FindingRow, InboxRow, Store
from integration.services.recorder import Appender
from integration.services.sequencer import Sequencer, Sequencing
from integration.services.verification import Kept, verify_kept
from schemas.events import parse
from tests.memory_store import MemoryStore
from tests.oracle.cases import at as at_hour
from tests.oracle.cases import due, ev, hold

Events = list[dict[str, Any]]


def worker_desk(store: Store, pack: Pack, owns: Owns | None = None) -> Desk:
    return Desk(store, Appender(), lambda _source, _at: pack, place="worker", tell_refused=True, owns=owns)


def part_of(number: str, parts: int) -> int:
    """Which of several partitions has a booking."""
    return sum(map(ord, number)) % parts


def tangled(seed: int) -> Events:
    """A short history of a few bookings in which moves and retractions (of moves and of retractions) abound.

    Some ids come twice, with the same content or with another.
    """
    dice = random.Random(seed)
    count, numbers = dice.randrange(6, 30), [f"B{each}" for each in range(dice.randrange(1, 5))]
    events: Events = []
    for at in range(1, count + 1):
        subject, hour = dice.choice(numbers), dice.randrange(48)
        event = dice.choice(KINDS)(dice, hour, numbers)
        if event["type"] == "jail.event.retracted.v1":
            event["data"]["retracts"] = f"e{dice.randrange(1, count + 1)}"
        events.append({**event, "id": f"e{at}", "subject": subject})
    for event in dice.sample(events, count // 4):
        events.append(event if dice.random() < 0.7 else {**event, "time": at_hour(49)})
    dice.shuffle(events)
    return events


def opened(_dice: random.Random, hour: float, _numbers: list[str]) -> dict[str, Any]:
    return ev("booking.opened", hour)


def placed(dice: random.Random, hour: float, _numbers: list[str]) -> dict[str, Any]:
    return hold(hour, dice.choice("HDW"), dice.choice(("charge", "immigration_detainer", "agency_hold")))


def freed(_dice: random.Random, hour: float, _numbers: list[str]) -> dict[str, Any]:
    return due(hour, hour + 1)


def released(_dice: random.Random, hour: float, _numbers: list[str]) -> dict[str, Any]:
    return ev("release.completed", hour)


def moved(dice: random.Random, hour: float, numbers: list[str]) -> dict[str, Any]:
    return ev("booking.moved", hour, into=dice.choice(numbers))


def retraction(_dice: random.Random, hour: float, _numbers: list[str]) -> dict[str, Any]:
    return ev("event.retracted", hour, retracts="")


KINDS = (opened, placed, placed, freed, released, moved, retraction, retraction)


class Writer:
    """Takes its share of a history in batches; the clock stands at ``now``."""

    def __init__(self, store: Store, pack: Pack, inputs: Sequence[Input], now: int, dice: random.Random) -> None:
        self.desk = worker_desk(store, pack)
        self._intake = Intake(self.desk)
        self._inputs, self._now, self._dice = list(inputs), now, dice
        self.busy = False

    @property
    def done(self) -> bool:
        return not self._inputs

    def step(self) -> None:
        """One batch, again until it is through."""
        size = self._dice.randrange(1, 9)
        batch, self._inputs = self._inputs[:size], self._inputs[size:]
        self.busy = True
        try:
            while True:
                try:
                    self._intake.take(batch, lambda _event: self._now, pass_time=lambda _now: None)
                except StaleReadError:
                    continue  # Five times raced in a row.
                else:
                    return
        finally:
            self.busy = False


class RacedStore:
    """A store whose every call may find that another writer has just taken a batch in."""

    def __init__(self, store: MemoryStore, race: Callable[[], None]) -> None:
        self._store, self._race = store, race
        self.stale: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def raced(*arguments: Any) -> Any:
            self._race()
            try:
                return method(*arguments)
            except StaleReadError as error:
                self.stale[str(error)] += 1
                raise

        return raced


def shares(events: Events, writers: int, dice: random.Random, *, by_booking: bool) -> list[list[Input]]:
    """Deal a history out: by booking, as partitions do, or without any rule."""
    dealt: list[list[Input]] = [[] for _ in range(writers)]
    for number, event in enumerate(events, start=1):
        which = part_of(event["subject"], writers) if by_booking else dice.randrange(writers)
        dealt[which].append(Input(f"t/{which}/{number}", orjson.dumps(event)))
    return dealt


def raced(
    events: Events, pack: Pack, now: int, dice: random.Random, *, by_booking: bool
) -> tuple[MemoryStore, Counter[str]]:
    """Two writers over one store in memory, in an interleaving that the dice give; returns what was stale how often."""
    store = MemoryStore()
    writers: list[Writer] = []

    def race() -> None:
        idle = [each for each in writers if not each.done and not each.busy]
        if idle and dice.random() < 0.25:
            dice.choice(idle).step()

    between = RacedStore(store, race)
    shared = shares(events, 2, dice, by_booking=by_booking)
    writers += [Writer(between, pack, share, now, dice) for share in shared]  # type: ignore[arg-type]
    while waiting := [each for each in writers if not each.done]:
        dice.choice(waiting).step()
        if dice.random() < 0.3:
            sequence_all(store)
    return store, between.stale


def sequence_all(sequencing: Sequencing) -> int:
    """Give every entry its place, whoever else writes to the log."""
    assert sequencing.hold()
    sequencer = Sequencer(sequencing)
    try:
        while True:
            try:
                return sequencer.sequence()
            except LogGrewError:
                continue
    finally:
        sequencer.release()


# -- what has to hold --------------------------------------------------------------------------------------------------


def kept_in_memory(store: MemoryStore) -> Kept:
    return Kept(
        size=len(store.entries),
        entries=store.entries,
        sealed_leaves={},
        tiles=[Tile(level, number, hashes) for (level, number), hashes in store.tiles.items()],
        findings=list(store.findings.values()),
        decisions=list(store.decisions.values()),
        unsequenced=[store.unsequenced[number] for number in sorted(store.unsequenced)],
    )


def wrong_in(kept: Kept, root: bytes) -> list[str]:
    """What verification says against a log whose writer signed ``root``."""
    key = SigningKey.generate("test.invalid/log")
    note = sign_checkpoint(key.name, kept.size, root, key)
    return [f"{each.what}: {each.text}" for each in verify_kept(kept, note, key.vkey).problems]


def root_of(store: Store) -> bytes:
    return root_at(store.tree_size(), store.tile)


def misjudged(rows: Sequence[BookingRow], findings: Sequence[FindingRow], pack: Pack, now: int) -> list[str]:
    """Case files whose facts, assessed anew, do not say what is on record: for whatever order, none may be left."""
    wrong = []
    on_record = {row.finding_id for row in findings if row.status != "withdrawn"}
    stand: set[str] = set()
    for row in rows:
        if row.home is None:
            case = CaseFile.from_row(row)
            found = {each.finding_id for each in case.assess(case.standing(), pack.parameters, now).findings}
            stand |= found
            if found != case.findings.keys():
                wrong.append(f"{row.number}: {len(found)} findings stand, {len(case.findings)} are in the case file")
    if stand != on_record:
        wrong.append(f"{len(stand)} findings stand, {len(on_record)} are on record")
    return wrong


def accounted(events: Events, entries: Iterator[Any]) -> str:
    """Tell whether each event has exactly one entry that accepts it, or was refused. Empty: so it is."""
    taken: Counter[tuple[str, str]] = Counter()
    refused = 0
    for row in entries:
        if row.kind == "event.accepted":
            taken[row.source, orjson.loads(row.body)["detail"]["event_id"]] += 1
        refused += row.kind == "input.refused"
    doubled = [key for key, count in taken.items() if count > 1]
    missing = {(event["source"], event["id"]) for event in events} - taken.keys()
    if doubled:
        return f"accepted twice: {doubled}"
    return "" if len(missing) <= refused else f"neither accepted nor refused: {missing}"


def taken_in(events: Events, inbox: Mapping[EventKey, InboxRow]) -> Events:
    """Of a history in which ids come with several contents, what was accepted."""
    digests = {key: row.digest for key, row in inbox.items()}
    rows = {(event["source"], event["id"], parse(orjson.dumps(event)).digest): event for event in events}
    return [event for (source, each, digest), event in rows.items() if digests.get(EventKey(source, each)) == digest]
