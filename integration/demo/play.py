"""Plays the story through the real service: drop folder, desk, store, checkpoints; and shows what comes of it."""

import asyncio
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from rich.console import Console

from integration.bootstrap import Installation, Ports, embedded_ports, open_installation
from integration.clock import WallClock
from integration.demo import summary
from integration.demo.keep import Folder, export, lay_out, settings_of, tamper
from integration.demo.pace import JumpingPace, Pace, RealPace, settle
from integration.demo.screens import LiveScreen, PlainScreen, Screen
from integration.demo.story import LENGTH, Story, tell
from integration.demo.watch import Watch
from integration.domain.instants import SECOND, Instant
from integration.logs import configure_logs
from integration.runners.embedded import Embedded


def play(console: Console, *, seconds: float, out: Path | None, seed: int) -> None:
    """Run the demo from beginning to end.

    Args:
        console: where it is shown; a live board if that is a terminal and ``seconds`` is not 0.
        seconds: how long the board stays; under `story.LENGTH` the story is told faster; 0: without waiting.
        out: folder for everything it leaves; None: a fresh temporary one.
        seed: chooses the story.

    Raises:
        UsageError: ``out`` is not empty.
        FatalError: the store or the log fails.
    """
    folder = lay_out(out)
    summary.opening(console, folder)
    start = time.time_ns() // 1000 // SECOND * SECOND
    story = tell(start, seed=seed, pace=min(1.0, seconds / LENGTH) if seconds else 1.0)
    pace: Pace = RealPace() if seconds else JumpingPace(start)
    with opened(folder) as installation:
        stage = Stage(installation, folder, story, start, pace, Watch(installation))
        with LiveScreen(console) if console.is_terminal and seconds else PlainScreen(console) as screen:
            played_out = asyncio.run(stage.play(screen, seconds or LENGTH))
        report = export(installation, folder, now=pace.read() // 1000)
    altered = tamper(folder, installation.key.vkey) if played_out else None
    summary.closing(console, folder, report, altered)


@contextmanager
def opened(folder: Folder) -> Iterator[Installation]:
    """Open the demo's installation; while it is open, logs go to a file, because the terminal belongs to the board."""
    with folder.service_log.open("w") as service_log:
        before = structlog.get_config()
        configure_logs("info")
        # Loggers must not keep the file past its closing.
        factory = structlog.PrintLoggerFactory(service_log)
        structlog.configure(logger_factory=factory, cache_logger_on_first_use=False)
        try:
            installation = open_installation(settings_of(folder))
            try:
                yield installation
            finally:
                installation.store.close()
        finally:
            structlog.configure(**before)


@dataclass(slots=True)
class Stage:
    """One story, one installation, one clock."""

    installation: Installation
    folder: Folder
    story: Story
    start: Instant
    pace: Pace
    watch: Watch
    _stopped: bool = False
    _files: int = 0

    async def play(self, screen: Screen, seconds: float) -> bool:
        """Run the service and the story side by side. Returns False if somebody left early."""
        clock = WallClock(self.pace.read)
        ports = embedded_ports(self.installation, clock)
        service = Embedded(ports)
        self._drop("past", self.story.past)
        running = asyncio.create_task(service.run())
        acting = asyncio.create_task(self._act(ports, clock, screen, seconds))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave, acting)
        try:
            # The service ends first only if it fails.
            await asyncio.wait({running, acting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            acting.cancel()
            service.stop()
            await running
        with suppress(asyncio.CancelledError):
            await acting
        if not self._stopped:
            screen.show(self.watch.look(clock.now()))
        return not self._stopped

    def _leave(self, acting: "asyncio.Task[None]") -> None:
        self._stopped = True
        acting.cancel()

    async def _act(self, ports: Ports, clock: WallClock, screen: Screen, seconds: float) -> None:
        def settled() -> bool:
            return not any(folder.waiting() for folder in ports.folders) and ports.desk.next_deadline() > clock.now()

        async def pass_time(after: float) -> None:
            reached = False
            while not reached:
                at = self.start + int(after * SECOND)
                reached = await self.pace.until(at, ports.desk.next_deadline, settled)
                screen.show(self.watch.look(clock.now()))

        await settle(settled)
        screen.show(self.watch.look(clock.now()))
        for act in self.story.acts:
            await pass_time(act.after)
            self._drop(act.name, act.lines)
            await settle(settled)
        await pass_time(seconds)

    def _drop(self, name: str, lines: Iterable[bytes]) -> None:
        """Write a file as a neighbour system must: under another name first."""
        self.folder.drop.mkdir(exist_ok=True)
        self._files += 1
        file = self.folder.drop / f"{self._files:02d}-{name}.jsonl"
        unfinished = file.with_suffix(".tmp")
        unfinished.write_bytes(b"".join(line + b"\n" for line in lines))
        unfinished.rename(file)
