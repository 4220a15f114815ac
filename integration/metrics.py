"""What a worker and a sequencer tell Prometheus. Labels are feeds, partitions, topics and reasons, never a person.

One registry a process part, made by whoever composes it: no module has a counter of its own, so tests do not meet.
"""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from integration.domain.instants import SECOND, Instant
from integration.services.intake import Tally

_BATCHES = (1, 10, 100, 500, 1000, 2000, 5000, 10_000)
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class WorkerMetrics:
    """Counters of one worker. Every method may be called from any thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Args: ``registry`` collects them."""
        self.registry = registry
        self._inputs = Counter(
            "holdwatch_inputs",
            "Inputs by what became of them, since this process started.",
            ["outcome"],
            registry=registry,
        )
        self._refused = Counter(
            "holdwatch_deadletters",
            "Refused inputs by reason, since this process started.",
            ["reason"],
            registry=registry,
        )
        self._reminders = Counter(
            "holdwatch_reminders", "Reminders of deadlines that were taken in.", registry=registry
        )
        self._batch = Histogram("holdwatch_batch_inputs", "Inputs in a batch.", buckets=_BATCHES, registry=registry)
        self._commit = Histogram(
            "holdwatch_batch_seconds", "Time from a batch's start to its commit.", buckets=_SECONDS, registry=registry
        )
        self._retries = Counter("holdwatch_batch_retries", "Batches taken again, by why.", ["why"], registry=registry)
        self._lag = Gauge(
            "holdwatch_partition_lag", "Records of an assigned partition that wait.", ["partition"], registry=registry
        )
        self._assigned = Gauge("holdwatch_partitions_assigned", "Partitions this worker holds.", registry=registry)
        self._heard = Gauge(
            "holdwatch_source_last_event_timestamp_seconds",
            "When the last new event of a feed was committed, by any worker.",
            ["source"],
            registry=registry,
        )
        self._keeper = Gauge("holdwatch_sequencer_active", "1 where this process is the sequencer.", registry=registry)
        self._backlog = Gauge(
            "holdwatch_sequencer_backlog", "Committed entries that wait for their place in the log.", registry=registry
        )
        self._published = Counter("holdwatch_published", "Outbox rows told, by topic.", ["topic"], registry=registry)
        self._lags: set[str] = set()

    def batch(self, tally: Tally, seconds: float) -> None:
        """Count a committed batch."""
        self._batch.observe(tally.read + tally.reminders)
        self._commit.observe(seconds)
        for outcome in ("accepted", "duplicates", "refused"):
            self._inputs.labels(outcome).inc(getattr(tally, outcome))
        self._reminders.inc(tally.reminders)
        for reason, count in tally.reasons.items():
            self._refused.labels(reason).inc(count)

    def again(self, why: str) -> None:
        """Count a batch that was not committed. Args: ``why`` is ``unavailable`` or ``fenced``."""
        self._retries.labels(why).inc()

    def lags(self, lags: Mapping[int, int]) -> None:
        """Say how many records wait, by partition; partitions that are not named are not ours any more."""
        now = {str(partition) for partition in lags}
        for gone in self._lags - now:
            self._lag.remove(gone)
        self._lags = now
        for partition, lag in lags.items():
            self._lag.labels(str(partition)).set(lag)
        self._assigned.set(len(lags))

    def heard(self, heard: Mapping[str, Instant]) -> None:
        """Say when each feed was last heard of."""
        for source, at in heard.items():
            self._heard.labels(source).set(at / SECOND)

    def keeper(self, *, active: bool) -> None:
        """Say whether this process is the sequencer."""
        self._keeper.set(int(active))

    def backlog(self, entries: int) -> None:
        """Say how many entries wait for their place."""
        self._backlog.set(entries)

    def published(self, topics: Iterable[str]) -> None:
        """Count rows that the broker has."""
        for topic in topics:
            self._published.labels(topic).inc()
