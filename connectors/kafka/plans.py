"""Which topics there are, and how they should be. Plain data: nothing here talks to a broker."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Topic(StrEnum):
    """The topics, by the names they have without a prefix."""

    EVENTS = "jail.events"
    """What happened in the jail, keyed by ``source|subject``; and, from us, that a deadline is due."""
    FINDINGS = "jail.findings"
    DECISIONS = "jail.decisions"
    ALERTS = "jail.alerts"
    DEADLETTERS = "jail.deadletters"
    """That an input was refused, where it came from and why; never what it says."""
    OUTBOUND_PENDING = "jail.outbound.pending"
    """Messages to immigration authorities that wait for a decision. Any system of the jail may write here."""
    OUTBOUND_RELEASED = "jail.outbound.released"
    """Messages that may be sent. Only the gate's principal may write here (deploy/kafka/acls.sh)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A topic as it should be.

    Args:
        name: its full name.
        partitions: how many; the same for all topics.
        replication: copies of each partition.
        min_insync: copies that have to exist before a write counts.
        retention: how long messages are kept, counted from their arrival.
    """

    name: str
    partitions: int
    replication: int
    min_insync: int
    retention: timedelta

    @property
    def settings(self) -> dict[str, str]:
        """The topic's settings in Kafka's words. None is left to the brokers' defaults that could lose messages."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention // timedelta(milliseconds=1)),
            "retention.bytes": "-1",
            "min.insync.replicas": str(self.min_insync),
            "unclean.leader.election.enable": "false",
            # Retention counts from arrival: imported history with old timestamps would be deleted at once otherwise.
            "message.timestamp.type": "LogAppendTime",
        }
