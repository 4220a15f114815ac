"""The table ``[kafka]`` of the settings: brokers, topics, group and how the connection is secured."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.kafka.connection import Connection, Protocol
from connectors.kafka.plans import Plan, Topic

Count = Annotated[int, Field(gt=0)]
Days = Annotated[float, Field(gt=0, le=3650)]
Server = Annotated[str, Field(pattern=r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$")]
NamePart = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=100)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Retention(_Table):
    """For how many days a topic keeps its messages, counted from their arrival at the broker.

    A worker that was away for longer than ``events`` stops when it comes back: what it missed is gone from the broker.
    """

    events: Days = 30.0
    findings: Days = 30.0
    decisions: Days = 30.0
    alerts: Days = 7.0
    deadletters: Days = 30.0
    outbound_pending: Days = 7.0
    outbound_released: Days = 7.0

    def of(self, topic: Topic) -> timedelta:
        """Return a topic's retention."""
        return timedelta(days=getattr(self, topic.name.lower()))


class Security(_Table):
    """How connections to the brokers are secured. Passwords and keys are in files of their own, never in settings."""

    protocol: Protocol = "plaintext"
    mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] = "SCRAM-SHA-512"
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    """The authority that signed the brokers' certificates; the system's authorities unless given."""
    cert_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        sasl, tls = self.protocol.startswith("sasl_"), self.protocol.endswith("ssl")
        if sasl and not (self.user and self.password_file):
            raise ValueError(f"protocol {self.protocol} needs user and password_file")
        if not sasl and (self.user or self.password_file):
            raise ValueError(f"user and password_file mean nothing under protocol {self.protocol}")
        if not tls and (self.ca_file or self.cert_file or self.key_file):
            raise ValueError(f"ca_file, cert_file and key_file mean nothing under protocol {self.protocol}")
        if bool(self.cert_file) != bool(self.key_file):
            raise ValueError("cert_file and key_file go together")
        if self.mechanism == "PLAIN" and self.protocol == "sasl_plaintext":
            raise ValueError("mechanism PLAIN would send the password in clear; use SCRAM-SHA-512 or sasl_ssl")
        return self


class Kafka(_Table):
    """The brokers, the topics and the consumer group of this installation."""

    servers: Annotated[list[Server], Field(min_length=1)]
    topic_prefix: NamePart = ""
    """Stands before every topic's name, so that several installations can share a cluster: ``county.jail.events``."""
    partitions: Annotated[int, Field(gt=0, le=1000)] = 8
    """Of every topic: equal counts. It cannot be changed later, since it decides which partition a booking is in."""
    replication: Annotated[int, Field(gt=0, le=10)] = 3
    min_insync: Count = 2
    """How many copies have to exist before a write counts."""
    retention_days: Retention = Retention()
    group: Annotated[NamePart, Field(min_length=1)] = "holdwatch"
    """The workers' consumer group; with ``topic_prefix`` before it."""
    session_timeout_seconds: Annotated[float, Field(ge=6, le=10)] = 6.0
    """After this silence a worker counts as dead, and the others take its partitions."""
    batch_events: Annotated[int, Field(gt=0, le=50_000)] = 2000
    """How many messages a worker takes into one transaction at the most."""
    batch_wait_ms: Annotated[int, Field(ge=0, le=10_000)] = 50
    """How long a worker waits for a batch to fill."""
    security: Security = Security()

    @model_validator(mode="after")
    def _copies_suffice(self) -> Self:
        if self.min_insync > self.replication:
            raise ValueError("min_insync is greater than replication: nothing could ever be written")
        return self

    def topic(self, topic: Topic) -> str:
        """Return a topic's full name."""
        return self.topic_prefix + topic

    @property
    def group_id(self) -> str:
        """The consumer group's full name."""
        return self.topic_prefix + self.group

    @property
    def connection(self) -> Connection:
        """How to connect."""
        security = self.security
        return Connection(
            servers=tuple(self.servers),
            protocol=security.protocol,
            mechanism=security.mechanism,
            user=security.user,
            password_file=security.password_file,
            ca_file=security.ca_file,
            cert_file=security.cert_file,
            key_file=security.key_file,
        )

    @property
    def plans(self) -> list[Plan]:
        """Every topic as it should be."""
        return [
            Plan(
                name=self.topic(topic),
                partitions=self.partitions,
                replication=self.replication,
                min_insync=self.min_insync,
                retention=self.retention_days.of(topic),
            )
            for topic in Topic
        ]


class GateKafka(Kafka):
    """The same for the gate: its own group, and its own user."""

    group: Annotated[NamePart, Field(min_length=1)] = "gate"
