"""What several parts share: a desk over a durable database that takes lines in."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from integration.bootstrap import open_desk, open_store
from integration.policy.pack import load
from integration.services.intake import Input, Intake
from integration.store.vault import Vault
from tests.bench.section import Spent, in_batches, timed

BATCH = 1000
PACK = load("lansing-eo-2017-01")


class Served:
    """An embedded service without its loop: one clock reading a batch, every commit on the disk."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(f"sqlite:///{folder / 'bench.sqlite'}", Vault.throwaway())
        self.desk = open_desk(self.store, lambda _source, _at: PACK, place="bench")
        self.intake = Intake(self.desk)

    def take(self, lines: Iterable[bytes], *, batch: int = BATCH) -> Spent:
        with timed() as spent:
            for part in in_batches(lines, batch):
                self.take_batch(part)
        return spent

    def take_batch(self, lines: list[bytes]) -> None:
        now = time.time_ns() // 1000
        inputs = [Input("bench", raw) for raw in lines]
        tally = self.intake.take(inputs, lambda _event: now, pass_time=lambda _now: None)
        if tally.accepted != len(lines):
            raise RuntimeError(f"{len(lines) - tally.accepted} of {len(lines)} events were not accepted")
        self.desk.advance(now, at=now)
        self.desk.commit()

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
