"""Whether the engine, its sources, the log and the disk are well, as far as it is seen from beside the engine."""

import shutil
from dataclasses import dataclass
from typing import Final

from integration.audit.checkpoint import parse
from integration.audit.note import NoteError
from integration.console.parts import Parts
from integration.domain.instants import SECOND, Instant
from integration.runners.watch.parts import limits_of
from integration.services.heartbeat import Beat, BeatError
from integration.services.vitals import Disk, Seen, judge
from integration.services.watchwords import WORDS
from integration.store.pulse import process_state, read_beat

_PERCENT: Final = 100
_ANCHOR_TODO: Final = (
    "Look at the anchor file, its owner and its mode. Do not make a new one: call whoever keeps the audit log."
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong, in words."""

    what: str
    about: str
    since: Instant | None
    todo: str


@dataclass(frozen=True, slots=True)
class Source:
    """A facility's feed."""

    source: str
    heard_at: Instant | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Health:
    """One look."""

    troubles: tuple[Trouble, ...]
    beat: Beat | None
    sources: tuple[Source, ...]
    entries: int
    unplaced: int
    """Entries that wait for their place in the log."""
    checkpoint: int | None
    """Entries under the last signed checkpoint."""
    checkpoint_at: Instant | None
    disk_used: float
    """Percent."""
    alerting: bool
    """Whether this installation tells anybody of findings."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """What cannot be seen from here, so that nobody takes silence for an answer."""
        missing = () if self.beat is not None else ("whether an engine runs: it writes no heartbeat here",)
        unheard = [each.source for each in self.sources if each.heard_at is None]
        return (*missing, *(f"when {source} was last heard" for source in unheard))


def health_of(parts: Parts, sees: frozenset[str] | None = None) -> Health:
    """Look. Args: ``sees``: only the feeds of these facilities; None: all."""
    settings, now = parts.settings, parts.now()
    beat = _beat(parts)
    disk = shutil.disk_usage(settings.site.state_dir)
    used = _PERCENT * disk.used / (disk.used + disk.free) if disk.used + disk.free else _PERCENT
    size, at = checkpoint_of(parts)
    process = None if beat is None else process_state(beat.pid, beat.process_started)
    still = _never(now) if beat is None else max(0, now - beat.at) / SECOND
    limits = limits_of(settings)
    seen = Seen(
        at=now,
        beat=beat,
        beat_still_for=still,
        process=process,
        # From beside it nobody knows whether this is the same machine: silence tells, later.
        unavailable_for=0.0
        if beat is None or beat.unavailable_since is None
        else (now - beat.unavailable_since) / SECOND,
        disk=Disk(disk.total, disk.free, used),
    )
    judged = judge(seen, limits)
    troubles = [
        Trouble(WORDS[each.trouble][0], each.about, each.since, WORDS[each.trouble][1])
        for each in judged.symptoms
        if sees is None or not each.about or each.about in sees
    ]
    if size is None and settings.anchor_file.exists():
        troubles.append(Trouble("the last signed checkpoint cannot be read", "", None, _ANCHOR_TODO))
    sources = []
    for facility in settings.facilities:
        if sees is not None and facility.source not in sees:
            continue
        heard = None if beat is None else beat.sources.get(facility.source)
        silent = heard is not None and now - heard >= facility.silent_after_minutes * 60 * SECOND
        sources.append(Source(facility.source, heard, silent))
    return Health(
        troubles=tuple(troubles),
        beat=beat,
        sources=tuple(sources),
        entries=parts.records.log_size(),
        unplaced=parts.records.unsequenced_count(),
        checkpoint=size,
        checkpoint_at=at,
        disk_used=round(used, 1),
        alerting=parts.acts is not None,
    )


def checkpoint_of(parts: Parts) -> tuple[int | None, Instant | None]:
    """Return how many entries the last signed checkpoint covers, and when it was signed."""
    anchor = parts.settings.anchor_file
    try:
        return parse(anchor.read_bytes()).size, anchor.stat().st_mtime_ns // 1000
    except (OSError, NoteError):
        return None, None


def _beat(parts: Parts) -> Beat | None:
    try:
        return read_beat(parts.settings.heartbeat_file)
    except (OSError, BeatError):
        return None


def _never(now: Instant) -> float:
    return now / SECOND
