"""Simulated lines to Apache Kafka: to the topic that workers read, each booking a stream of its own."""

import asyncio
from typing import Final

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from connectors.kafka.config import Kafka
from connectors.kafka.plans import Topic
from connectors.kafka.records import key_of
from integration.errors import FatalError
from integration.services.ports import BookingKey
from integration.simulator.pace import Pace

_LINGER_MS: Final = 20
_BATCH_BYTES: Final = 256 * 1024


class ToTopic:
    """A producer with an event loop of its own. What it has sent when it is closed, the brokers have for certain."""

    def __init__(self, kafka: Kafka, pace: Pace) -> None:
        """Connect at the first line.

        Args:
            kafka: says where, and what the topic is called.
            pace: as fast as lines come.
        """
        self._kafka = kafka
        self._pace = pace
        self._lines: list[bytes] = []
        self._loop = asyncio.new_event_loop()
        self._producer: AIOKafkaProducer | None = None

    def write(self, at: int, line: bytes) -> None:
        """Send a line with its handful, when its time has come.

        Raises:
            FatalError: the brokers do not take it.
        """
        if not self._lines:
            self._pace.begin(at)
        elif self._pace.is_over(at):
            self._hand_over()
            self._pace.begin(at)
        self._lines.append(line)

    def _hand_over(self) -> None:
        self._pace.wait()
        lines, self._lines = self._lines, []
        try:
            self._loop.run_until_complete(self._send(lines))
        except KafkaError as error:
            raise FatalError(f"Kafka does not take the events: {type(error).__name__}") from None

    async def _send(self, lines: list[bytes]) -> None:
        if self._producer is None:
            producer = AIOKafkaProducer(
                acks="all",
                enable_idempotence=True,
                linger_ms=_LINGER_MS,
                max_batch_size=_BATCH_BYTES,
                **self._kafka.connection.aiokafka(),
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        topic = self._kafka.topic(Topic.EVENTS)
        sent = []
        for line in lines:
            event = orjson.loads(line)
            key = key_of(BookingKey(event["source"], event["subject"]))
            sent.append(await self._producer.send(topic, line, key=key))
        await asyncio.gather(*sent)

    def end_day(self, day: int) -> None:
        """Do nothing: what is sent follows the clock."""

    def close(self) -> None:
        """Send what is left, and close the connections."""
        try:
            if self._lines:
                self._hand_over()
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Close the connections; what was sent is sent."""
        producer, self._producer = self._producer, None
        if producer is not None:
            self._loop.run_until_complete(producer.stop())
        self._loop.close()
