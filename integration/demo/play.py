"""Plays the story through the real service: drop folder, desk, store, checkpoints; and shows what comes of it."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from integration.bootstrap import Installation, Ports, embedded_ports
from integration.clock import WallClock
from integration.demo import summary
from integration.demo.keep import Folder, export, lay_out, tamper
from integration.demo.open import opened
from integration.demo.pace import JumpingPace, Pace, RealPace, settle
from integration.demo.screens import LiveScreen, PlainScreen, Screen
from integration.demo.story import LENGTH, Story, tell
from integration.demo.watch import Watch
from integration.demo.web import Web
from integration.domain.instants import SECOND, Instant
from integration.runners.embedded import Embedded


def play(console: Console, *, seconds: float, out: Path | None, seed: int, web: bool = False) -> None:
    """Run the demo from beginning to end.

    Args:
        console: where it is shown; a live board if that is a terminal and ``seconds`` is not 0.
        seconds: how long the board stays; under `story.LENGTH` the story is told faster; 0: without waiting.
        out: folder for everything it leaves; None: a fresh temporary one.
        seed: chooses the story.
        web: whether the console is served meanwhile, and in a terminal afterwards, until Ctrl-C.

    Raises:
        UsageError: ``out`` is not empty.
        FatalError: the store or the log fails.
    """
    folder = lay_out(out)
    start = time.time_ns() // 1000 // SECOND * SECOND
    story = tell(start, seed=seed, pace=min(1.0, seconds / LENGTH) if seconds else 1.0)
    pages = Web(folder, story.cast.approaching) if web else None
    summary.opening(console, folder, pages.note() if pages else "")
    pace: Pace = RealPace() if seconds else JumpingPace(start)
    with ExitStack() as ending:
        with opened(folder) as installation:
            begin = pages.begin if pages else _nothing
            if pages:
                ending.callback(pages.end)
            stage = Stage(installation, folder, story, start, pace, Watch(installation), begin)
            live = console.is_terminal and seconds
            with LiveScreen(console, pages.note() if pages else "") if live else PlainScreen(console) as screen:
                played_out = asyncio.run(stage.play(screen, seconds or LENGTH))
            report = export(installation, folder, now=pace.read() // 1000)
        altered = tamper(folder, installation.key.vkey) if played_out else None
        summary.closing(console, folder, report, altered, web=web)
        if pages and played_out and console.is_terminal:
            summary.staying(console, pages.note())
            pages.stay()


def _nothing() -> None:
    """Begin nothing."""


@dataclass(slots=True)
class Stage:
    """One story, one installation, one clock."""

    installation: Installation
    folder: Folder
    story: Story
    start: Instant
    pace: Pace
    watch: Watch
    begin: Callable[[], None] = _nothing
    """Called once the past is on record."""
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
        self.begin()
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
