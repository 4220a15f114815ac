"""``holdwatch doctor sources``: does each feed bring something, and does anything wait for somebody to look?"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from integration.bootstrap import document_mapper
from integration.cli import doctor_connectors
from integration.cli.doctor_database import connected, log_size, revision_of
from integration.domain.instants import MINUTE, Instant
from integration.errors import HoldwatchError
from integration.services.doctor import Result, fault, judge_silence, note, ok, warning
from integration.services.heartbeat import BeatError, State
from integration.settings import DropFolder, Settings
from integration.store.pulse import process_state, read_beat

_WAITS_TOO_LONG: Final = 600.0
"""Seconds after which a file that lies in a drop folder has been overlooked."""
_LAST_OF_A_FEED: Final = text(
    "SELECT max(at) FROM (SELECT at FROM entries WHERE leaf_index >= :first AND kind = 'event.accepted' "
    "AND source = :source) AS heard"
)
_LOOK_BACK: Final = 1_000_000


def check(settings: Settings) -> Iterator[Result]:
    """Look at the feeds and at what was refused."""
    if settings.kafka is None and settings.watch.engine:
        yield _engine(settings)
    yield from _folders(settings)
    try:
        with connected(settings) as connection:
            if revision_of(connection) is None:
                yield fault("sources", "the database has no tables of ours", "Start the service: it makes them.")
                return
            yield from _feeds(settings, connection)
            yield from _dead_letters(connection)
            yield from doctor_connectors.check(settings, connection)
    except HoldwatchError as error:
        yield from doctor_connectors.check(settings, None)
        yield fault("sources", f"feeds cannot be looked at: {error}", "See `holdwatch doctor audit`.")


def _engine(settings: Settings) -> Result:
    todo = "Start `holdwatch run`; its last line says why it stopped."
    try:
        beat = read_beat(settings.heartbeat_file)
    except (OSError, BeatError):
        return fault("sources.engine", "no heartbeat of the engine can be read", todo)
    if beat.state in (State.STOPPED, State.FAILED):
        return fault("sources.engine", f"the engine is {beat.state.value}", todo)
    if process_state(beat.pid, beat.process_started) is None:
        return fault("sources.engine", "the engine's process is gone", todo)
    return ok("sources.engine", f"{beat.state.value}, {beat.stage.value.replace('_', ' ')}")


def _feeds(settings: Settings, connection: Connection) -> Iterator[Result]:
    now: Instant = time.time_ns() // 1000
    first = max(0, log_size(connection) - _LOOK_BACK)
    known = dict(_beat_sources(settings))
    for facility in settings.facilities:
        row = {"first": first, "source": facility.source}
        logged = connection.execute(_LAST_OF_A_FEED, row).scalar_one_or_none()
        heard = known.get(facility.source) if logged else None
        latest = max(filter(None, (logged, heard)), default=None)
        yield judge_silence(facility.source, latest, now, int(facility.silent_after_minutes * MINUTE))


def _beat_sources(settings: Settings) -> Iterator[tuple[str, Instant]]:
    try:
        yield from read_beat(settings.heartbeat_file).sources.items()
    except (OSError, BeatError):
        return


def _dead_letters(connection: Connection) -> Iterator[Result]:
    waiting = connection.execute(text("SELECT count(*) FROM dead_letters WHERE resubmitted = 0")).scalar_one()
    if waiting:
        todo = "`holdwatch deadletters list`: mend the feed or the mapping, then resubmit them."
        yield warning("sources.dead_letters", f"{waiting} refused inputs wait", todo)
    else:
        yield ok("sources.dead_letters", "none wait")


def _folders(settings: Settings) -> Iterator[Result]:
    if not settings.drop_folders and not settings.sources and settings.kafka is None:
        yield note("sources.folders", "no drop folder and no connector is set up", "How do events get here?")
    for folder in settings.drop_folders:
        yield _folder(folder)
        if folder.mapping is not None:
            yield _mapping(folder.path, folder.mapping)


def _folder(folder: DropFolder) -> Result:
    name, path = f"sources.folder.{folder.path.name}", folder.path
    if not path.is_dir():
        return fault(name, f"{path} is not there", "The service makes it at its start; or is a share not mounted?")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return fault(
            name, f"{path} cannot be read and written", "Give the service's user read, write and search there."
        )
    waiting = [each for each in path.iterdir() if each.is_file() and not each.name.startswith(".")]
    old = [each for each in waiting if time.time() - each.stat().st_mtime > _WAITS_TOO_LONG]
    if old:
        todo = "Is the service running? Only *.jsonl, and *.xml with a mapping, are read."
        return warning(name, f"{len(old)} files have waited for more than 10 minutes", todo)
    return ok(name, f"{len(waiting)} files wait")


def _mapping(path: Path, mapping: Path) -> Result:
    name = f"sources.mapping.{path.name}"
    try:
        document_mapper(mapping)
    except (HoldwatchError, OSError, ValueError) as error:
        return fault(name, f"{mapping} does not load: {next(iter(str(error).splitlines()))}", "Mend it.")
    return ok(name, f"{mapping} loads")
