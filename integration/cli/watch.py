"""``holdwatch watch``: the watchdog, a second process beside the engine."""

import asyncio
import io
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer

from connectors.notice import Notice
from integration.cli.console import Exit, err, out
from integration.logs import configure_logs
from integration.runners.servicemanager import told
from integration.runners.watch.parts import Parts, parts_of
from integration.runners.watch.telling import NOTICE_TYPE, attempt
from integration.runners.watch.watch import Watch
from integration.settings import load_settings

SettingsFile = Annotated[Path, typer.Option("--settings", help="Settings file.", envvar="HOLDWATCH_SETTINGS")]
DEFAULT_SETTINGS = Path("holdwatch.toml")
Test = Annotated[bool, typer.Option("--test", help="Send a marked test through every channel, and stop.")]


class _Unfailing(io.TextIOBase):
    """Standard error that may lie in a file on the very disk that is full: then what is said there is lost, no more."""

    def __init__(self, inner: TextIO) -> None:
        self._inner = inner

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._inner.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._inner.flush()


def watch(settings: SettingsFile = DEFAULT_SETTINGS, test: Test = False) -> None:
    """Tell when engine, source, disk or log is silent or full past its limit. Stops cleanly on SIGTERM and SIGINT."""
    sys.stderr = _Unfailing(sys.stderr)
    loaded = load_settings(settings)
    configure_logs(loaded.logging.level)
    parts = parts_of(loaded)
    if test:
        raise typer.Exit(int(asyncio.run(_test(parts))))
    asyncio.run(_watch(parts))


async def _watch(parts: Parts) -> None:
    watchdog = Watch(parts)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, watchdog.stop)
    async with told():
        await watchdog.run()


async def _test(parts: Parts) -> Exit:
    """Send a test through every channel, the last resort too; tell what became of each."""
    now = datetime.now(UTC)
    notice = Notice(
        id=f"test-{time.time_ns():x}",
        at=now,
        title=f"[holdwatch {parts.site}] TEST: no alert",
        text=f"This is a test of an alert channel, sent at {now:%Y-%m-%d %H:%M:%S} UTC. Nothing is wrong.\n",
        type=NOTICE_TYPE,
        data={"site": parts.site, "exercise": True, "alerts": []},
    )
    channels = [*parts.channels, *([parts.last_resort] if parts.last_resort else [])]
    outcomes = await asyncio.gather(*(attempt(channel, notice) for channel in channels))
    for channel, why in zip(channels, outcomes, strict=True):
        (err if why else out).print(f"{channel.name}: {why or 'taken'}", markup=False, highlight=False)
    return Exit.FOUND if any(outcomes) else Exit.DONE
