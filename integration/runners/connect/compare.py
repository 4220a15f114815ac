"""The same input under two mappings: which findings would differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from connectors.mapping.apply import Mapper
from connectors.mapping.history import history
from connectors.mapping.model import MappingFile
from integration.audit.entry import text_of
from integration.bootstrap import scratch_desk
from integration.domain.instants import Instant
from integration.policy.pack import Pack
from integration.runners.replay import replay
from integration.services.intake import Input, Tally
from integration.store.queries import Records

Key: TypeAlias = tuple[str, str, str]
"""Booking, rule, about."""
Found: TypeAlias = tuple[str, str, str]
"""Since, until (empty for none), status."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one mapping gave."""

    tally: Tally
    findings: dict[Key, list[Found]]


def replayed(files: Sequence[Path], mapping: MappingFile, pack: Pack, until: Instant | None) -> Replayed:
    """Run files under a mapping of tables; see `replayed_inputs`."""
    return replayed_inputs(history(files, Mapper(mapping)), pack, until)


def replayed_inputs(inputs: Iterable[Input], pack: Pack, until: Instant | None) -> Replayed:
    """Run what a mapping made of files through the pipeline in simulated time, in a database that is thrown away."""
    with TemporaryDirectory(prefix="holdwatch-diff-") as folder:
        store, desk = scratch_desk(Path(folder) / "diff.sqlite", pack)
        try:
            tally = replay(inputs, desk, until=until)
            found: dict[Key, list[Found]] = {}
            for row in Records(store.engine).findings():
                if row.status != "withdrawn":
                    ended = "" if row.until is None else text_of(row.until)
                    key = (row.booking, row.rule, row.about)
                    found.setdefault(key, []).append((text_of(row.since), ended, row.status))
        finally:
            store.close()
    return Replayed(tally, {key: sorted(rows) for key, rows in found.items()})


def differences(old: Replayed, new: Replayed) -> list[dict[str, Any]]:
    """Return each finding that would be there, would not be there, or would say something else."""
    told: list[dict[str, Any]] = []
    for key in sorted(old.findings.keys() | new.findings.keys()):
        before, after = old.findings.get(key, []), new.findings.get(key, [])
        if before != after:
            what = "gone" if not after else "new" if not before else "changed"
            booking, rule, about = key
            told.append(
                {"what": what, "booking": booking, "rule": rule, "about": about, "before": before, "after": after}
            )
    return told
