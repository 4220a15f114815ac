"""Workers in threads and in processes of their own on a real PostgreSQL: stopped, killed, and started at once."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.note import SigningKey
from integration.audit.proofs import root_at
from integration.bootstrap import open_store
from integration.policy.pack import Pack
from integration.services.verification import verify_kept
from integration.store.queries import Records
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault
from tests.scenarios.laws import Events
from tests.store.racing import Writer, shares

ROOT = Path(__file__).parents[2]


def opened(url: str) -> SqlStore:
    return open_store(url, Vault.throwaway())


def race_threads(url: str, events: Events, pack: Pack, now: int, *, dice: random.Random, writers: int) -> None:
    """Let writers take a history in, each with a thread and connections of its own."""
    failed: list[BaseException] = []
    start = threading.Barrier(writers)

    def work(share: list, seed: int) -> None:
        store = None
        try:
            start.wait()
            store = opened(url)
            writer = Writer(store, pack, share, now, random.Random(seed))
            while not writer.done:
                writer.step()
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            if store is not None:
                store.close()

    dealt = shares(events, writers, dice, by_booking=dice.random() < 0.5)
    threads = [threading.Thread(target=work, args=(share, dice.randrange(10**6))) for share in dealt]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failed
    assert not any(thread.is_alive() for thread in threads)


def wrong_in_database(store: SqlStore) -> list[str]:
    """What verification says of a database, waiting entries included."""
    key = SigningKey.generate("test.invalid/log")
    with Records(store.engine).snapshot() as records:
        kept = records.kept()
        note = sign_checkpoint(key.name, kept.size, root_at(kept.size, store.tile), key)
        return [f"{each.what}: {each.text}" for each in verify_kept(kept, note, key.vkey).problems]


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Run a piece of Python in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited too long for: {what}"
        time.sleep(0.02)


def is_stopped(process: subprocess.Popen[str]) -> bool:
    """Whether SIGSTOP has stopped it."""
    assert process.poll() is None, "it ended instead"
    return Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def go_on(process: subprocess.Popen[str]) -> str:
    """Let a stopped process run to its end; returns what it printed."""
    process.send_signal(signal.SIGCONT)
    return process.communicate(timeout=60)[0].strip()
