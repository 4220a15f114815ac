"""Logs that nobody touched: of every size, sealed here and there, in folders and in stores. None may raise anything."""

import random
import shutil
from pathlib import Path

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.merkle import Tile
from integration.cli.verifying import verify_folder
from integration.services.verification import Kept, verify_kept
from tests.audit.logs import KEY, log_of, root_of
from tests.differential import run, test_pack
from tests.memory_store import MemoryStore
from tests.oracle.histories import history
from tests.tampering.flips import Count, Outcome
from tests.tampering.sites import SPACING, sealed_log, write_export

EDGES = (0, 1, 2, 255, 256, 257, 511, 512, 513)


def clean_folder(work: Path, dice: random.Random) -> Outcome:
    """An export, verified against checkpoints of its own past."""
    size = dice.choice(EDGES) if dice.random() < 0.2 else dice.randrange(1, 120)
    folder = work / "clean"
    shutil.rmtree(folder, ignore_errors=True)
    if size and dice.random() < 0.4:
        log, lines = sealed_log(size, dice)
        write_export(folder, log, lines)
    else:
        log = log_of(size)
        write_export(folder, log)
    earlier = [log.head(at) for at in range(0, len(log.leaves), SPACING) if dice.random() < 0.5]
    report = verify_folder(folder, KEY.vkey, earlier).report
    return Outcome("clean folder", not report.ok, located=False, told=f"{size} entries: {report.problems[:2]}")


def kept_of(store: MemoryStore) -> Kept:
    """What verification reads, from a store in memory."""
    findings = sorted(store.findings.values(), key=lambda row: row.finding_id)
    tiles = [Tile(level, number, hashes) for (level, number), hashes in store.tiles.items()]
    return Kept(len(store.entries), store.entries, {}, tiles, findings, list(store.decisions.values()))


def clean_store(seed: int) -> Outcome:
    """A random history's log and projections, with a tail that no checkpoint covers yet."""
    dice = random.Random(seed)
    store, _ = run(history(seed, size=dice.choice((12, 40, 60))), test_pack())
    size = len(store.entries) - dice.choice((0, 0, 1, 5))
    hashes = [row.leaf_hash for row in store.entries]
    heads = [sign_checkpoint(KEY.name, at, root_of(hashes[:at]), KEY) for at in (size // 2, size)]
    report = verify_kept(kept_of(store), heads[1], KEY.vkey, earlier=heads[:1])
    return Outcome("clean store", not report.ok, located=False, told=f"seed {seed}: {report.problems[:2]}")


def clean_logs(work: Path, seed: int, times: int) -> Count:
    """So many folders, and so many stores."""
    dice, count = random.Random(f"clean{seed}"), Count()
    for number in range(times):
        for outcome in (clean_folder(work, dice), clean_store(seed * 100_000 + number)):
            count.add(outcome)
    count.missed = [told for told in count.missed if "Problem(" in told]  # here, nothing found is what is wanted
    return count
