"""From a fact to lines that arrive: recorded late, delayed, mixed up, delivered twice."""

from collections import defaultdict
from typing import Any, Final, TypeAlias

import orjson

from integration.simulator.dice import DAY, HOUR, MINUTE, Dice, lognormal
from integration.simulator.facility import Facility
from integration.simulator.localtime import LocalTime
from integration.simulator.params import SimulationParams

Buckets: TypeAlias = defaultdict[int, list[tuple[int, bytes]]]
"""By hour since the epoch: the lines that arrive in it, with their millisecond."""

_MILLISECONDS: Final = 1000
_SOON: Final = 90
"""Seconds within which an event that is not late is recorded."""
_LATE: Final = lognormal(40 * MINUTE, 2.0, most=10 * DAY)
_AGAIN: Final = lognormal(5 * MINUTE, 2.0, most=2 * DAY)
_THROUGH_BROKER: Final = 0.1
"""Second deliveries that come by another road, which adds a transport attribute: other bytes, same content."""
_TRANSPORT: Final = b',"datacontenttype":"application/json"}'


class Feed:
    """The feed of one facility."""

    __slots__ = ("_buckets", "_dice", "_end", "_params", "_source", "_tells", "time")

    def __init__(self, jail: Facility, params: SimulationParams, buckets: Buckets, end: int) -> None:
        """Args: ``end`` is the second after which nothing arrives any more."""
        self._source = jail.source
        self._tells = jail.tells_recorded
        self._params = params
        self._buckets = buckets
        self._end = end * _MILLISECONDS
        self._dice = Dice(f"{params.seed}/{jail.source}/arrival")
        self.time = LocalTime(jail.zone, jail.spelling)

    def send(self, event_id: str, kind: str, subject: str, at: int, data: dict[str, Any]) -> None:
        """Send an event that happened ``at`` a second since the epoch."""
        params, dice = self._params, self._dice
        random = dice.random
        late = random() < params.lateness
        recorded = at + (MINUTE + dice.of(_LATE) if late else int(random() * _SOON))
        arrives = int((recorded + random() * params.shuffle_window) * _MILLISECONDS)
        again = arrives + dice.of(_AGAIN) * _MILLISECONDS if random() < params.duplicates else self._end
        by_broker = random() < _THROUGH_BROKER
        # All dice are thrown by now: what comes too late for this run must not change what comes in time.
        if arrives >= self._end:
            return
        write = self.time.write
        event = {
            "specversion": "1.0",
            "type": f"jail.{kind}.v1",
            "id": event_id,
            "source": self._source,
            "subject": subject,
            "time": write(at),
            "data": data,
        }
        if self._tells:
            event["recordedtime"] = write(recorded)
        raw = orjson.dumps(event)
        self._buckets[arrives // (HOUR * _MILLISECONDS)].append((arrives, raw))
        if again < self._end:
            if by_broker:
                raw = raw[:-1] + _TRANSPORT
            self._buckets[again // (HOUR * _MILLISECONDS)].append((again, raw))
