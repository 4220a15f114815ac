"""Where fetches wait, become batches, are committed and acknowledged. Everything but the desk runs in one event loop.

What is processed is what the database says. A fetch counts only if it begins where the database left the partition;
anything else is dropped and fetched again. So it does not matter what Faust drops, repeats, reorders or commits.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import structlog
from faust.types import TP, EventT

from connectors.kafka.config import Kafka
from integration.errors import FatalError, FencedError, TransientError
from integration.metrics import WorkerMetrics
from integration.runners.faust_app import WAITING_FETCHES
from integration.runners.faust_transport import Fetched
from integration.runners.worker.positions import Gap, Partition, Positions
from integration.runners.worker.works import Record, Works
from integration.services.ports import Claim

_log = structlog.get_logger()
_T = TypeVar("_T")

_WAITING = 4
"""Fetches that wait for the batch at hand."""
_LOOK_EVERY = 1.0
"""Seconds between looks at what is assigned and how far it was read."""
_LOOKS_IDLE = 2
"""Looks after which what was read and did not reach us is fetched again, where nothing waits."""
_ON_THEIR_WAY = _WAITING + WAITING_FETCHES + 3
"""Fetches that may be under way to us: with Faust, here, in the agent's hand, before Faust's queue, and one of before a
rebalance. Besides these one of each partition, where one answer of the broker brought something of all."""
_ASK_SECONDS = 5.0
"""How long a question to the broker may take before it is put again."""
_RETRY_FIRST, _RETRY_LAST = 0.1, 2.0
"""Seconds between attempts while a database is away."""


class Broker(Protocol):
    """What the hall asks of the transport (`faust_transport.Consumer`). All raise TransientError."""

    def partitions(self) -> int | None: ...
    def assigned(self) -> set[TP]: ...
    def sought(self, tp: TP) -> int: ...
    def waiting(self, tp: TP, at: int) -> int: ...
    async def is_member(self) -> bool: ...
    async def read_to(self, tp: TP) -> int | None: ...
    async def range_of(self, tps: Collection[TP]) -> Mapping[TP, tuple[int, int]]: ...
    async def go_to(self, places: Mapping[TP, int]) -> None: ...


Event = EventT[Any]
"""Its value is a `Fetched`."""


class _Behind(NamedTuple):
    """A partition that was read further than what reached us."""

    at: int
    """Where we are."""
    sought: int
    """As `Fetched.sought`: what was read before a place was looked up says nothing of what was read after it."""
    looks: int
    """For how many looks that has been so."""
    brought: int
    """How many fetches had reached us at the first of them."""


class Hall:
    """Turns fetches into committed batches. `run` returns after `stop`, with the batch at hand committed."""

    def __init__(self, works: Works, metrics: WorkerMetrics, kafka: Kafka) -> None:
        """Set up an empty hall.

        Args:
            works: does the work, in a thread of its own.
            metrics: is told what was done.
            kafka: how large a batch may be, and how many partitions there are.
        """
        self._works = works
        self._metrics = metrics
        self._batch_size = kafka.batch_events
        self._batch_wait = kafka.batch_wait_ms / 1000
        self._partitions = kafka.partitions
        # Half of what the group waits for us: the rest is for joining it again.
        self._let_go_after = kafka.session_timeout_seconds / 2
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(_WAITING)
        self._positions = Positions()
        self._desk_thread = ThreadPoolExecutor(1, "desk")
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._broker: Broker | None = None
        self._era = 0
        """Grows when partitions are taken away: what was waiting before is not ours to process."""
        self._resuming = asyncio.Lock()
        self._fatal: FatalError | None = None
        self._looked_at = 0.0
        self._behind: dict[Partition, _Behind] = {}
        self._brought = 0
        """How many fetches have reached us, of all partitions."""
        self.failed_at: float | None = None
        """`time.monotonic` of the last failure of the store."""

    # -- what the transport and the agent call ------------------------------------------------------------------------

    def attach(self, broker: Broker) -> None:
        """Work with a new transport: nothing is assigned yet."""
        self._broker = broker
        self._leave_all()

    async def hand_over(self, event: Event) -> None:
        """Take one fetch; returns when there is room for the next. Never raises."""
        await self._queue.put(event)

    async def revoked(self) -> None:
        """Let all partitions go: the batch at hand may end first, if that does not take too long."""
        self._era += 1
        try:
            await asyncio.wait_for(self._idle.wait(), self._let_go_after)
        except TimeoutError:
            _log.warning("worker.let_go_in_a_batch")  # If somebody claims its partition meanwhile, it is fenced.
        self._leave_all()

    async def resume(self) -> None:
        """See `faust_transport.Ledger.resume`. Never raises: `run` does, and looks again at what is not claimed yet."""
        try:
            async with self._resuming:
                await self._resume()
        except TransientError as error:
            _log.warning("broker.unavailable", error=str(error))
        except FatalError as error:
            self._fatal = error
            self.stop()

    async def _resume(self) -> None:
        broker, era = self._transport(), self._era
        if (assigned := broker.assigned()) and broker.partitions() not in {None, self._partitions}:
            raise FatalError(
                f"the events topic has {broker.partitions()} partitions, the settings say {self._partitions}: a "
                "booking's events and its deadlines would meet in different ones; see docs/kafka.md"
            )
        claims: dict[TP, Claim] = {}
        for tp in sorted(assigned):
            if (partition := Partition(*tp)) not in self._positions:
                claim = await self._patiently(lambda it=partition: self._works.claim(it), era)  # type: ignore[misc]
                if claim is None:
                    return
                claims[tp] = claim
        if not claims:
            return
        new = [tp for tp, claim in claims.items() if claim.next_offset is None]
        begins = {tp: earliest for tp, (earliest, _) in (await broker.range_of(new)).items()} if new else {}
        places = {tp: begins[tp] if claim.next_offset is None else claim.next_offset for tp, claim in claims.items()}
        if era != self._era or not places.keys() <= broker.assigned():
            return
        for tp, at in places.items():
            self._positions.claimed(Partition(*tp), epoch=claims[tp].epoch, next_offset=at)
        await broker.go_to(places)
        _log.info("worker.resumed", places={str(tp.partition): at for tp, at in places.items()})

    # -- the loop -----------------------------------------------------------------------------------------------------

    @property
    def held(self) -> Mapping[Partition, int]:
        """What is held, each with the offset that has to be processed next."""
        return self._positions.held()

    def stop(self) -> None:
        """Finish the batch at hand, then stop."""
        self._stopping.set()
        if self._queue.empty():
            self._queue.put_nowait(None)

    async def run(self) -> None:
        """Process what comes until stopped.

        Raises:
            FatalError: going on could lose something.
        """
        try:
            while not self._stopping.is_set():
                if batch := await self._gather():
                    self._idle.clear()
                    try:
                        await self._process(batch)
                    finally:
                        self._positions.forget()
                        self._idle.set()
                if time.monotonic() - self._looked_at > _LOOK_EVERY:
                    await self._look()
            if self._fatal is not None:
                raise self._fatal
        finally:
            self._stopping.set()
            self._desk_thread.shutdown(wait=True)

    async def _gather(self) -> list[Event]:
        """Wait for fetches; returns none if nothing comes for a while."""
        until = time.monotonic() + _LOOK_EVERY
        batch: list[Event] = []
        count = 0
        while count < self._batch_size:
            try:
                event = await asyncio.wait_for(self._queue.get(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                break
            if event is None:
                break
            if not batch:
                until = time.monotonic() + self._batch_wait
            batch.append(event)
            self._brought += 1
            count += len(_fetched(event).records)
            if self._works.one_partition:
                break
        return batch

    async def _process(self, batch: Sequence[Event]) -> None:
        records: list[Record] = []
        gaps: dict[Partition, tuple[Gap, Fetched]] = {}
        whole: list[Event] = []
        suspects: list[Partition] = []
        for event in batch:
            fetched = _fetched(event)
            partition = Partition(*fetched.tp)
            if partition not in self._positions or fetched.sought != self._transport().sought(fetched.tp):
                continue  # Not ours any more, or fetched before the last seek: it comes again.
            if partition in gaps:
                continue
            if fetched.first and fetched.records[0].offset < self._positions.taken(partition):
                suspects.append(partition)  # We looked up a place, and the broker gave us an earlier one.
                continue
            admitted = self._positions.admit(partition, fetched.records)
            records += [Record(partition, each.offset, each.value) for each in admitted.records]
            if admitted.gap is None:
                whole.append(event)
            else:
                gaps[partition] = admitted.gap, fetched
        if records and not await self._commit(records):
            return
        for event in whole:
            event.ack()
        try:
            for partition, (gap, fetched) in gaps.items():
                await self._mend(partition, gap, fetched)
            await self._check_ends(suspects)
        except TransientError as error:  # `_look` goes back there.
            _log.warning("broker.unavailable", error=str(error))

    async def _commit(self, records: Sequence[Record]) -> bool:
        """Have records processed in one transaction. Returns False where they are to be fetched again."""
        rows, era, started = self._positions.rows(), self._era, time.monotonic()
        try:
            tally = await self._patiently(lambda: self._works.take(records, rows), era)
        except FencedError:
            _log.warning("worker.fenced", partitions=[row.partition for row in rows])
            self._metrics.again("fenced")
            for row in rows:
                self._positions.lost(Partition(row.topic, row.partition))
            self._looked_at = 0.0
            return False
        if tally is None:
            return False
        self._positions.committed()
        self._metrics.batch(tally, time.monotonic() - started)
        return True

    async def _patiently(self, act: Callable[[], _T], era: int) -> _T | None:
        """Do something in the desk's thread, again while the store only says that it cannot at the moment.

        Returns None where it is not ours to do any more.
        """
        loop, wait = asyncio.get_running_loop(), _RETRY_FIRST
        while True:
            try:
                return await loop.run_in_executor(self._desk_thread, act)
            except FencedError:
                raise
            except TransientError as error:
                _log.warning("store.unavailable", error=str(error))
                self._metrics.again("unavailable")
                self.failed_at = time.monotonic()
            if self._era != era or self._stopping.is_set():
                return None
            try:
                await asyncio.wait_for(self._stopping.wait(), wait)
            except TimeoutError:
                wait = min(2 * wait, _RETRY_LAST)

    async def _mend(self, partition: Partition, gap: Gap, fetched: Fetched) -> None:
        """Have a gap fetched again; where it is still there, find out why."""
        if partition not in self._positions:
            return
        broker, tp = self._transport(), TP(*partition)
        if not self._positions.fetch_again(partition, gap, fetched.records, first=fetched.first):
            earliest, latest = (await broker.range_of([tp]))[tp]
            _check_range(partition, gap[0], earliest, latest)
            _log.info("worker.gap_is_real", partition=partition.number, missing=gap[0], next=gap[1])
            self._positions.pass_over(partition)
        await broker.go_to({tp: gap[0]})

    async def _check_ends(self, suspects: Collection[Partition]) -> None:
        """See whether partitions end before what was processed of them, and read on where they do not."""
        places = {TP(*partition): at for partition, at in self._positions.held().items() if partition in suspects}
        if places:
            for tp, (earliest, latest) in (await self._transport().range_of(places)).items():
                _check_range(Partition(*tp), places[tp], earliest, latest)
            await self._transport().go_to(places)

    # -- looking after what was assigned ------------------------------------------------------------------------------

    async def _look(self) -> None:
        """See that everything assigned is held, and that what was fetched reached us."""
        self._looked_at = time.monotonic()
        if self._broker is None:
            return
        looking = asyncio.create_task(self._look_at(self._broker))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({looking, stopping}, timeout=_ASK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (looking, stopping):
                task.cancel()
            (outcome, _) = await asyncio.gather(looking, stopping, return_exceptions=True)
        if isinstance(outcome, TransientError):
            _log.warning("broker.unavailable", error=str(outcome))
        elif isinstance(outcome, Exception):
            raise outcome
        elif isinstance(outcome, asyncio.CancelledError) and not self._stopping.is_set():
            _log.warning("broker.unavailable", error=f"no answer within {_ASK_SECONDS} s")

    async def _look_at(self, broker: Broker) -> None:
        assigned = {Partition(*tp) for tp in broker.assigned()}
        held = self._positions.held()
        for partition in held.keys() - assigned:
            self._positions.lost(partition)
        # A worker that was frozen for longer than its session still thinks it owns what others have by now: ask first.
        if assigned - held.keys() and await broker.is_member():
            await self.resume()
        held = self._positions.held()
        self._metrics.lags({partition.number: broker.waiting(TP(*partition), at) for partition, at in held.items()})
        await self._fetch_what_was_dropped(broker)

    async def _fetch_what_was_dropped(self, broker: Broker) -> None:
        """Go back where the transport read on, and what it read did not come: Faust drops in silence."""
        held, behind = self._positions.held(), {}
        read_to = {partition: await broker.read_to(TP(*partition)) for partition in held}
        for partition, at in held.items():
            if (read_to[partition] or at) > at:
                now = _Behind(at, broker.sought(TP(*partition)), 1, self._brought)
                before = self._behind.get(partition)
                if before is not None and before[:2] == now[:2]:
                    now = before._replace(looks=before.looks + 1)
                behind[partition] = now
        self._behind = behind
        stuck = {TP(*partition): each.at for partition, each in behind.items() if self._is_lost(each)}
        if stuck:
            _log.warning("worker.fetched_again", partitions=[tp.partition for tp in stuck])
            await broker.go_to(stuck)
        await self._check_ends([partition for partition, at in held.items() if (read_to[partition] or at) < at])

    def _is_lost(self, behind: _Behind) -> bool:
        """Tell whether what a partition waits for cannot be on its way any more. What waits comes in its order."""
        if self._queue.empty():
            return behind.looks >= _LOOKS_IDLE
        return self._brought - behind.brought > _ON_THEIR_WAY + self._partitions

    def _transport(self) -> Broker:
        assert self._broker is not None
        return self._broker

    def _leave_all(self) -> None:
        self._era += 1
        self._behind = {}
        for partition in self._positions.held():
            self._positions.lost(partition)
        while not self._queue.empty():
            self._queue.get_nowait()
        self._metrics.lags({})


def _fetched(event: Event) -> Fetched:
    return cast("Fetched", event.value)


def _check_range(partition: Partition, at: int, earliest: int, latest: int) -> None:
    name = f"{partition.topic}/{partition.number}"
    if at < earliest:
        raise FatalError(
            f"{name}: offsets {at} to {earliest - 1} were not processed and the broker has thrown them away: "
            "get these events from the source, then see docs/kafka.md"
        )
    if at > latest:
        raise FatalError(
            f"{name}: processed up to offset {at}, but the broker's log ends at {latest}: it is another topic, or it "
            "lost its end; see docs/kafka.md"
        )
