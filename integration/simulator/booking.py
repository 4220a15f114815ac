"""One booking while its life is told: who, when, under which numbers."""

from dataclasses import dataclass, field
from typing import Any

from integration.simulator.arrival import Feed
from integration.simulator.dice import Dice
from integration.simulator.params import SimulationParams


@dataclass(slots=True)
class Booking:
    """A person in one jail. Times are seconds since the epoch."""

    feed: Feed
    dice: Dice
    params: SimulationParams
    number: str
    opened: int
    due: int
    """When the local case no longer keeps the person."""
    left: int
    """When the person leaves; never before ``due``."""
    immigration: bool
    """Whether an immigration paper comes."""
    moved_at: int | None = None
    """From then on the booking has another number."""
    moved_into: str = ""
    given_name: str = ""
    family_name: str = ""
    local_holds: list[str] = field(default_factory=list)
    detainer: str | None = None
    """Hold id of the first immigration paper that asks to keep the person."""
    warrant: str | None = None
    """Hold id of a warrant that a judge signed."""
    agency_hold: str | None = None
    events: int = 0
    """How many events have been put."""
    _holds: int = 0

    def put(self, kind: str, at: int, data: dict[str, Any]) -> str:
        """Let something happen, and return the event's id."""
        self.events += 1
        event_id = f"{self.number}-{self.events}"
        moved = self.moved_at is not None and at > self.moved_at
        self.feed.send(event_id, kind, self.moved_into if moved else self.number, at, data)
        return event_id

    def place(self, at: int, kind: str, **data: Any) -> str:
        """Place a hold, and return its id."""
        self._holds += 1
        hold_id = f"{self.number}-H{self._holds}"
        self.put("hold.placed", at, {"hold_id": hold_id, "kind": kind, **data})
        return hold_id

    def write(self, at: int) -> str:
        """Write a time as this jail does."""
        return self.feed.time.write(at)

    def say(self, texts: tuple[str, ...]) -> str:
        """Return a free text. Some officers write the person's name into it."""
        text = self.dice.pick(texts)
        return text.format(name=self.family_name) if "{" in text else text
