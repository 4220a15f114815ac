"""A gateway in a process that can be killed: forked from one that has everything loaded, so that many are cheap."""

import asyncio
import os
import signal
from multiprocessing import get_context
from pathlib import Path

from integration.bootstrap import open_installation
from integration.logs import configure_logs
from integration.policy.pack import load
from integration.runners.alone import alone
from integration.runners.gateway.gateway import Gateway
from integration.runners.gateway.parts import gate_parts, open_lines
from integration.settings import load_settings
from integration.store.sql_store import SqlStore

load("lansing-eo-2017-01")

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.gateway.child"])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(when: str, number: int) -> None:
    """Die at the so manieth commit: before it, in it (everything written, nothing committed), or after it."""
    usual, count = SqlStore.commit, 0

    def commit(self, changes):
        nonlocal count
        count += 1
        if count != number:
            usual(self, changes)
        elif when == "before":
            die()
        elif when == "in":
            changes.also.append(lambda _connection: die())
            usual(self, changes)
        else:
            usual(self, changes)
            die()

    SqlStore.commit = commit


def serve(path: str, plan: tuple[str, int] | None, told) -> None:
    """Run a gateway until it is killed or told to stop. Args: ``told`` gets the port."""
    configure_logs("error")
    if plan is not None:
        killed_at(*plan)
    settings = load_settings(Path(path))
    with alone(settings.site.state_dir, "gateway"):
        installation = open_installation(settings)
        parts = gate_parts(installation)

        async def run() -> None:
            gateway = Gateway(parts, open_lines(parts.settings))
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, gateway.stop)
            task = asyncio.create_task(gateway.run())
            while not gateway.port and not task.done():  # noqa: ASYNC110  it is a plain number
                await asyncio.sleep(0.005)
            told.send(gateway.port)
            await task

        asyncio.run(run())
        parts.close()
        installation.store.close()


class Process:
    """A gateway in a process of its own."""

    def __init__(self, path: Path, plan: tuple[str, int] | None = None) -> None:
        mine, theirs = CONTEXT.Pipe()
        self._mine = mine
        self.process = CONTEXT.Process(target=serve, args=(str(path), plan, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.port = 0

    async def listening(self) -> bool:
        """Wait until it listens; False: it died before."""
        try:
            self.port = await asyncio.to_thread(self._mine.recv)
        except (EOFError, ConnectionError):
            return False
        return self.port != 0

    def kill(self) -> None:
        self.process.kill()

    @property
    def alive(self) -> bool:
        return self.process.is_alive()

    async def end(self) -> bool:
        """Stop it, if it still runs. Returns whether it had been killed."""
        if self.alive:
            self.process.terminate()
        await asyncio.to_thread(self.process.join, 60)
        assert not self.alive
        self._mine.close()
        return self.process.exitcode == -signal.SIGKILL
