"""Faust's Kafka transport, changed in four places so that the database decides what has been read.

1. What was fetched from a partition goes through Faust as one message, not one by one: Faust's cost is then per fetch.
2. "The committed offset" is asked of the database (`Ledger.resume`), whatever the consumer group says.
3. Offsets committed to the group are for people who look at its lag. A failing commit is told and not fatal.
4. A worker that has no partition stays a member of its group for ever (aiokafka issue 1187).

It reaches into private parts of faust-streaming and aiokafka. `tests/kafka` holds it to what it relies on.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, ClassVar, NamedTuple, Protocol, cast

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata, TopicPartition
from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage
from mode.threads import WorkerThread

from connectors.kafka.config import Kafka
from connectors.kafka.leaving import hang_up
from connectors.kafka.plans import Topic
from integration.errors import TransientError

_log = structlog.get_logger()

_REQUEST_TIMEOUT_MS = 15_000
"""How long a broker may take to answer before the connection counts as lost."""
_LEAVE_SECONDS = 1.0
"""How long leaving the group may take. Who does not leave is missed after the session's timeout."""
_ANSWER_SECONDS = 10.0
"""How long a question to the broker may wait."""
_MAX_POLL_MS = 24 * 3600 * 1000
"""How long a batch may take before the worker counts as stuck. Long: a database that is away must not end membership.
A worker that is gone is noticed by its heartbeats, which a thread of their own sends."""


class Fetched(NamedTuple):
    """What one fetch brought from one partition, in its order."""

    tp: TP
    records: Sequence[ConsumerRecord]
    sought: int
    """How often a place had been looked up in this partition when this was fetched: older fetches are out of date."""
    first: bool
    """Whether this is the first fetch since then: nothing can have been dropped between that place and this."""


class Ledger(Protocol):
    """Who knows how far each partition has been processed."""

    async def resume(self) -> None:
        """Claim what was assigned and not claimed yet, and seek to where each partition was left."""
        ...


class _WorkerApp(Protocol):
    """What this module needs of `faust_app.WorkerApp`."""

    ledger: Ledger
    kafka: Kafka


class _EndsWithTheProcess(WorkerThread):
    """Faust leaves its thread running when it is told to stop before it has started. All that counts is committed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """See the library's class."""
        super().__init__(*arguments, **options)
        self.daemon = True

    def run(self) -> None:
        """Run until its service ends, or is cancelled (`ConsumerThread.end`)."""
        with suppress(asyncio.CancelledError):
            super().run()


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that talks to the broker; heartbeats go on in it whatever the rest does."""

    Worker = _EndsWithTheProcess

    def __post_init__(self) -> None:
        """Begin to count seeks."""
        super().__post_init__()
        self.sought: Counter[TP] = Counter()
        self._just_sought: set[TP] = set()
        self._serving: asyncio.Task[Any] | None = None

    async def _serve(self) -> None:
        self._serving = asyncio.current_task()
        await super()._serve()

    async def end(self) -> bool:
        """Make sure that the thread has ended, and its connections with it, whatever became of Faust's own stop.

        Given up half way, that leaves the thread as a member of the group, whose partitions nobody processes.

        Returns:
            Whether it has; False where it does not listen: it ends with the process then.
        """
        thread = self._thread
        if thread is None:
            self.thread_loop.close()  # nobody has run it
            return True
        for tell in (self._stopped.set, lambda: self._serving is not None and self._serving.cancel()):
            if thread.is_alive():
                with suppress(RuntimeError):  # it has just ended, and its loop with it
                    self.thread_loop.call_soon_threadsafe(tell)
                await asyncio.to_thread(thread.join, 2 * _LEAVE_SECONDS)
        return not thread.is_alive()

    async def on_thread_stop(self) -> None:
        """Leave the group; but a broker that does not answer must not keep the process from ending."""
        try:
            await asyncio.wait_for(super().on_thread_stop(), _LEAVE_SECONDS)
        except TimeoutError:
            _log.warning("kafka.left_without_goodbye", seconds=_LEAVE_SECONDS)

    async def _gather_remaining_tasks(self) -> None:
        """End what the library has left at work, and its connections: this thread's loop is closed after this."""
        await super()._gather_remaining_tasks()
        if self._consumer is not None:
            self._consumer._closed = True  # noqa: SLF001  it is, whether its own way came to an end or not
            await hang_up(self._consumer._client)  # noqa: SLF001  no public way to it

    def _create_worker_consumer(self, _transport: Any) -> AIOKafkaConsumer:
        """Make the client from our settings: Faust's have no place for some of them."""
        kafka = cast("_WorkerApp", self.app).kafka
        session_ms = int(kafka.session_timeout_seconds * 1000)
        return AIOKafkaConsumer(
            group_id=kafka.group_id,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=kafka.batch_events,
            max_poll_interval_ms=_MAX_POLL_MS,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
            session_timeout_ms=session_ms,
            rebalance_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 6,
            **kafka.connection.aiokafka(),
        )

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Tell the group how far we are. Nobody relies on it."""
        held = self.assignment()
        told = {TopicPartition(*tp): OffsetAndMetadata(at, "") for tp, at in offsets.items() if tp in held}
        try:
            await self._ensure_consumer().commit(told)
        except KafkaError as error:
            _log.info("kafka.group_not_told", error=type(error).__name__)
            return False
        return True

    async def _fetch_records(self, *arguments: Any, **options: Any) -> Any:
        """Fetch, and mark what came: from partition to `Fetched`."""
        # No wait between the two: what is returned was fetched after that many seeks.
        fetched = await super()._fetch_records(*arguments, **options)
        marked = {}
        for tp, records in fetched.items():
            if records:
                marked[tp] = Fetched(TP(*tp), records, self.sought[tp], tp in self._just_sought)
                self._just_sought.discard(tp)
        return marked

    async def _seek_wait(self, consumer: AIOKafkaConsumer, partitions: Mapping[TP, int]) -> None:
        self.sought.update(partitions.keys())
        self._just_sought |= partitions.keys()
        await super()._seek_wait(consumer, partitions)

    async def _heartbeat(self) -> bool:
        return bool(await self._ensure_consumer()._coordinator._do_heartbeat())  # noqa: SLF001  no public way

    async def is_member(self) -> bool:
        """Ask the broker whether it still counts us as a member of the group."""
        return bool(await self.call_thread(self._heartbeat))

    def stay(self) -> None:
        """Count as reading although there is nothing to read from."""
        with self._ensure_consumer()._subscription.fetch_context():  # noqa: SLF001  see the module's point 4
            pass


class Consumer(driver.Consumer):
    """Faust's consumer, one message a fetch."""

    _thread: ConsumerThread

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def end(self) -> bool:
        """See `ConsumerThread.end`."""
        return await self._thread.end()

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109  Faust's
        """Yield what was fetched, one message a partition."""
        records, active = await self._wait_next_records(timeout)
        if not active:
            self._thread.stay()
        generation = self.app.consumer_generation_id
        for tp, fetched in cast("Mapping[TP, Fetched]", records or {}).items():
            # What is dropped here is fetched again: the seek after each assignment goes back to what is committed.
            if self.should_stop or not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if active is None or tp in active:
                yield tp, self._one_message(fetched)

    def _one_message(self, fetched: Fetched) -> ConsumerMessage:
        tp, last = fetched.tp, fetched.records[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            None,
            None,
            cast("Any", fetched),  # Faust says bytes, and hands on whatever it is given
            None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def perform_seek(self) -> None:
        """Claim what was assigned, and go to where the database says each partition was left."""
        await cast("_WorkerApp", self.app).ledger.resume()

    # -- what the hall asks -------------------------------------------------------------------------------------------

    def partitions(self) -> int | None:
        """Return how many partitions the events topic has; None where that is not known yet."""
        with _sorted_errors():
            consumer = self._thread._ensure_consumer()  # noqa: SLF001
            found = consumer.partitions_for_topic(cast("_WorkerApp", self.app).kafka.topic(Topic.EVENTS))
        return None if found is None else len(found)

    def assigned(self) -> set[TP]:
        """Return the partitions that the group gave us."""
        with _sorted_errors():
            return {TP(*tp) for tp in self.assignment()}

    def sought(self, tp: TP) -> int:
        """Return how often a place was looked up in a partition."""
        return self._thread.sought[tp]

    def waiting(self, tp: TP, at: int) -> int:
        """Return how many records of a partition come after an offset, as far as the last fetch told."""
        with _sorted_errors():
            return max(0, (self.highwater(tp) or at) - at)

    async def is_member(self) -> bool:
        """Ask the broker whether it still counts us as a member of the group."""
        async with _asking():
            return await self._thread.is_member()

    async def read_to(self, tp: TP) -> int | None:
        """Return the offset of the next record that a partition will hand out."""
        async with _asking():
            return await self.position(tp)

    async def range_of(self, tps: Collection[TP]) -> dict[TP, tuple[int, int]]:
        """Return the first offset that the broker has of each partition, and the one after its last.

        It takes its time: the broker answers it after the fetch that is under way.
        """
        async with _asking():
            earliest, latest = await self.earliest_offsets(*tps), await self.highwaters(*tps)
        return {tp: (earliest[tp], latest[tp]) for tp in tps}

    async def go_to(self, places: Mapping[TP, int]) -> None:
        """Read on from other places."""
        async with _asking():
            await self.seek_wait(places)

    async def verify_all_partitions_active(self) -> None:
        """Look for nothing: the hall does, and Faust takes each quiet partition for a stuck one."""

    def on_buffer_full(self, tp: TP) -> None:
        """Take no note: whoever fetches waits until there is room. Faust would sleep a second at a time instead."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Take no note, as above."""

    # -- offsets of the group -----------------------------------------------------------------------------------------

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Keep no account of gaps: `positions` does, in the transaction that counts."""

    def _new_offset(self, tp: TP) -> int | None:
        """Return what to tell the group: fetches are acknowledged in order, after their transaction."""
        acknowledged = self._acked[tp]
        if not acknowledged:
            return None
        last = max(acknowledged)
        acknowledged.clear()
        self._acked_index[tp].clear()
        return last + 1


@asynccontextmanager
async def _asking() -> AsyncIterator[None]:
    """Wait for an answer, but not for ever: the thread that would give it may be gone. Errors as `_sorted_errors`."""
    with _sorted_errors():
        async with asyncio.timeout(_ANSWER_SECONDS):
            yield


@contextmanager
def _sorted_errors() -> Iterator[None]:
    """Turn the libraries' errors into one.

    Raises:
        TransientError: the broker does not answer, the partition was taken away meanwhile, or the app has ended.
    """
    try:
        yield
    except (KafkaError, ConsumerNotStarted, TimeoutError, AssertionError, RuntimeError) as error:
        raise TransientError(f"kafka: {type(error).__name__}") from error


class Transport(driver.Transport):
    """What `faust.App.transport` is set to."""

    Consumer: ClassVar[type[Consumer]] = Consumer
