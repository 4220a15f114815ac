"""Following heartbeat files: how long each has stood still, and whether its process is there."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from integration.runners.watch.bounded import Bounded, HangingError
from integration.services.heartbeat import Beat, BeatError
from integration.services.vitals import Beating
from integration.store.pulse import process_state, read_beat

_ENDED: Final = {None, "Z", "X"}


@dataclass(slots=True)
class Stretch:
    """How long something has been as it is, counted in looks.

    A watchdog that was held up itself (a machine asleep, a virtual machine moved) has not seen what lay between.
    """

    value: object = None
    seconds: float = 0.0

    def now(self, value: object, passed: float) -> float:
        """Take the next look's value; returns for how many seconds it has been the same."""
        self.seconds = self.seconds + passed if value == self.value else 0.0
        self.value = value
        return self.seconds


@dataclass(slots=True)
class Heart:
    """One heartbeat file."""

    path: Path
    bounded: Bounded
    patience: float
    """Seconds that reading may take."""
    _beat: Beat | None = None
    _still: Stretch = field(default_factory=Stretch)
    _alive: tuple[int, int] | None = None
    """The process, once it was seen."""

    async def look(self, passed: float) -> Beating:
        """Look once. Args: ``passed`` is how many seconds count since the last look."""
        beat = self._beat = await self._read()
        still_for = self._still.now(None if beat is None else (beat.pid, beat.number), passed)
        process = None if beat is None else process_state(beat.pid, beat.process_started)
        return Beating(beat, still_for, process, self._gone(beat, process))

    def _gone(self, beat: Beat | None, process: str | None) -> bool:
        """Tell whether a process is no more. One in another container is never seen: then its silence has to tell."""
        if beat is None:
            return False
        name = (beat.pid, beat.process_started)
        if process not in _ENDED:
            self._alive = name
        return process in _ENDED and self._alive == name

    async def _read(self) -> Beat | None:
        try:
            return await self.bounded.call(self.path.name, lambda: read_beat(self.path), self.patience)
        except HangingError:
            return self._beat  # as good as one that stands still
        except (OSError, BeatError):
            return None  # as good as none
