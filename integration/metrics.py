"""What worker, sequencer and alerting tell Prometheus. Labels are feeds, partitions, channels, kinds: never a person.

One registry a process part, made by whoever composes it: no module has a counter of its own, so tests do not meet.
"""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from integration.domain.alerts.topics import DutyKind
from integration.domain.instants import SECOND, Instant
from integration.services.alertfigures import Figures
from integration.services.intake import Tally
from integration.services.letters import CLOSED, State

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


class AlertMetrics:
    """Figures of alerting, of duties and of what waits at the gate. Every method may be called from any thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Args: ``registry`` collects them."""
        self.registry = registry

        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"holdwatch_{name}", says, labels, registry=registry)

        self._active = gauge("alerting_active", "1 where this process alerts; the others stand by.")
        self._ran = gauge("alerting_last_run_timestamp_seconds", "When alerting last went round without a fault.")
        self._blind = gauge("alerting_duties_failing", "1 while a defect keeps the list of duties from being made.")
        self._open = gauge("alerts_open", "Open alerts.", "source", "severity")
        self._unanswered = gauge(
            "alerts_unacknowledged", "Open alerts that nobody has acknowledged.", "source", "severity"
        )
        self._oldest = gauge(
            "alerts_oldest_seconds",
            "How long the oldest alert that nobody has acknowledged has been open; 0: there is none.",
            "source",
            "severity",
        )
        self._waiting = gauge("notices_waiting", "Notices that are to be sent.", "channel")
        self._notices = Counter(
            "holdwatch_notices",
            "Attempts to send a notice, since this process started: sent, put_off (tried again), failed (given up).",
            ["channel", "stage", "outcome"],
            registry=registry,
        )
        self._escalations = Counter(
            "holdwatch_alert_escalations", "Further steps that alerts were told to.", registry=registry
        )
        self._silences = gauge("alert_silences", "Silences in force.")
        self._duties = gauge("duties", "Duties that people are told of: due (soon) and overdue.", "kind", "state")
        self._messages = gauge("gate_messages", "Messages at the gate that are not done with.", "state")
        self._eldest = gauge(
            "gate_messages_oldest_seconds", "How long ago the oldest of them came; 0: there is none.", "state"
        )

    def went_round(self, now: Instant, *, active: bool) -> None:
        """Say that alerting went round, or stands by."""
        self._ran.set(now / SECOND)
        self._active.set(int(active))
        if not active:  # Whoever has the work counts.
            self._clear()

    def _clear(self) -> None:
        for each in (self._open, self._unanswered, self._oldest, self._waiting, self._duties):
            each.clear()
        self._messages.clear()
        self._eldest.clear()

    def duties_fail(self, *, failing: bool) -> None:
        """Say whether people are told of findings alone, because the list of duties cannot be made."""
        self._blind.set(int(failing))

    def attempted(self, channel: str, stage: str, outcome: str) -> None:
        """Count an attempt to send a notice."""
        self._notices.labels(channel, stage, outcome).inc()

    def escalated(self, alerts: int) -> None:
        """Count alerts that went a step further."""
        self._escalations.inc(alerts)

    def show(self, figures: Figures) -> None:
        """Show what was counted in the database. What was there before and is no more is told as 0 or not at all."""
        self._silences.set(figures.silences)
        self._clear()
        for row in figures.alerts:
            self._open.labels(row.source, row.severity).set(row.open)
            self._unanswered.labels(row.source, row.severity).set(row.unacknowledged)
            oldest = 0.0 if row.oldest_at is None else (figures.at - row.oldest_at) / SECOND
            self._oldest.labels(row.source, row.severity).set(oldest)
        for channel, count in figures.waiting.items():
            self._waiting.labels(channel).set(count)
        known = {row.kind: row for row in figures.duties}
        for kind in DutyKind:
            row_of_kind = known.get(kind.value)
            self._duties.labels(kind.value, "due").set(0 if row_of_kind is None else row_of_kind.due)
            self._duties.labels(kind.value, "overdue").set(0 if row_of_kind is None else row_of_kind.overdue)
        for state in (each.value for each in State if each not in CLOSED):
            found = next((each for each in figures.messages if each.state == state), None)
            self._messages.labels(state).set(0 if found is None else found.messages)
            self._eldest.labels(state).set(0.0 if found is None else (figures.at - found.oldest_at) / SECOND)
