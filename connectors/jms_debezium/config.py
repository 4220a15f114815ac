"""Settings of Kafka topics that Debezium writes to."""

from typing import Annotated, Literal

from pydantic import Field

from connectors.kafka.config import Security
from connectors.mapping.config import Mapped


class DebeziumSource(Mapped):
    """One topic of change events. Where it was read to is kept in our database, not in Kafka."""

    kind: Literal["debezium"]
    servers: Annotated[list[str], Field(min_length=1)]
    topic: Annotated[str, Field(min_length=1)]
    batch_records: Annotated[int, Field(ge=1, le=10_000)] = 500
    wait_ms: Annotated[int, Field(ge=1, le=60_000)] = 500
    security: Security | None = None
