"""What a worker does with records, in the one thread that owns its desks: the same services as the embedded runner."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

from connectors.kafka.records import Advanced, key_of, read_record
from integration.bootstrap import WorkerPorts
from integration.domain.instants import Instant
from integration.runners.replay import SimulatedClock
from integration.runners.worker.positions import Partition
from integration.services.desk import Desk
from integration.services.intake import Input, Intake, Tally
from integration.services.ports import BookingKey, Claim, PositionRow


class Record(NamedTuple):
    """A record of the events topic, as far as it matters."""

    partition: Partition
    offset: int
    value: bytes | None

    @property
    def place(self) -> str:
        """Where it is, for dead letters."""
        return f"kafka:{self.partition.topic}/{self.partition.number}/{self.offset}"


class Works(Protocol):
    """Takes batches in. One thread."""

    one_partition: bool
    """Whether a batch may hold records of one partition only."""

    def claim(self, partition: Partition) -> Claim:
        """See `Store.claim`."""
        ...

    def take(self, records: Sequence[Record], positions: Sequence[PositionRow]) -> Tally:
        """Take records in, and move the positions in the same transaction. Raises as `Intake.take` does."""
        ...

    def forget(self) -> None:
        """Go back to what the store has."""
        ...


class SystemWorks:
    """Runs on the wall clock: one desk for all partitions; deadlines come as reminders in the stream."""

    one_partition = False

    def __init__(self, ports: WorkerPorts) -> None:
        """Args: ``ports`` from the composition root."""
        self._ports = ports
        self._desk = ports.make_desk(None)
        self._intake = Intake(self._desk)

    def claim(self, partition: Partition) -> Claim:
        """See `Works.claim`."""
        return self._ports.store.claim(partition.topic, partition.number, self._ports.owner)

    def take(self, records: Sequence[Record], positions: Sequence[PositionRow]) -> Tally:
        """See `Works.take`."""
        now = self._ports.clock.now()  # read once for the whole batch
        inputs = [each for each in _inputs(records) if isinstance(each, Input)]
        return self._intake.take(inputs, lambda _event: now, pass_time=_let_pass, positions=positions)

    def forget(self) -> None:
        """See `Works.forget`."""
        self._desk.forget()


def _let_pass(_now: Instant) -> None:
    """Deadlines come as records of their own."""


def _inputs(records: Sequence[Record]) -> Iterator[Input | Advanced]:
    for record in records:
        yield from read_record(record.place, record.value)


class _Lane:
    """One partition in recorded time: its own desk, and a clock that runs on its events."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.intake = Intake(desk)
        self.clock = SimulatedClock()

    def take(self, records: Sequence[Record], positions: Sequence[PositionRow]) -> Tally:
        before = self.clock.now
        try:
            return self._take(records, positions)
        except BaseException:
            self.clock.now = before  # What is taken again lives the same times again.
            raise

    def _take(self, records: Sequence[Record], positions: Sequence[PositionRow]) -> Tally:
        tally = Tally()
        parts = [
            (is_note, list(part)) for is_note, part in groupby(_inputs(records), lambda it: isinstance(it, Advanced))
        ]
        for number, (is_note, part) in enumerate(parts, 1):
            # Nothing is moved before the last part: a worker that dies in between begins again, and finds duplicates.
            rows = positions if number == len(parts) else [row._replace(after=row.before) for row in positions]
            if is_note:
                self.clock.now = max(self.clock.now, *(note.to for note in part if isinstance(note, Advanced)))
                # Since its last batch another partition may have set a deadline of ours: a move ties their bookings.
                self.desk.preload(())
                self.desk.advance(self.clock.now)
                self.desk.commit(rows)
            else:
                # Reminders are of the wall clock, which has no say here.
                inputs = [each for each in part if isinstance(each, Input) and each.due is None]
                tally.add(self.intake.take(inputs, self.clock, pass_time=self._pass_time, positions=rows))
        return tally

    def _pass_time(self, now: Instant) -> None:
        self.desk.advance(now - 1)


class RecordedWorks:
    """Runs on the events' recorded times, for importing history: deadlines fire in between, each at its instant."""

    one_partition = True

    def __init__(self, ports: WorkerPorts) -> None:
        """Args: ``ports`` from the composition root."""
        self._ports = ports
        self._lanes: dict[Partition, _Lane] = {}

    def claim(self, partition: Partition) -> Claim:
        """See `Works.claim`."""

        def owns(key: BookingKey) -> bool:
            return self._ports.partition_of(key_of(key)) == partition.number

        self._lanes[partition] = _Lane(self._ports.make_desk(owns))
        return self._ports.store.claim(partition.topic, partition.number, self._ports.owner)

    def take(self, records: Sequence[Record], positions: Sequence[PositionRow]) -> Tally:
        """See `Works.take`."""
        (partition,) = {record.partition for record in records}
        return self._lanes[partition].take(records, positions)

    def forget(self) -> None:
        """See `Works.forget`."""
        for lane in self._lanes.values():
            lane.desk.forget()


def works_of(ports: WorkerPorts) -> Works:
    """Return what works by the clock that is set."""
    return RecordedWorks(ports) if ports.recorded else SystemWorks(ports)
