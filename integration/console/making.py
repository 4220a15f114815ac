"""Reports made in the background: one after the other, with progress, recorded before anybody can have them."""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Final

import structlog

from integration.audit.checkpoint import parse
from integration.audit.entry import JSON
from integration.console.parts import Parts
from integration.domain.instants import Instant
from integration.errors import FatalError, HoldwatchError, TransientError, UsageError
from integration.reports.asked import Asked, Format, ReportKind
from integration.reports.counting.period import Period
from integration.reports.filing import Written, differing, filed_detail, said_of
from integration.reports.making import check
from integration.reports.rendering.formats import file_name
from integration.runners import reporting
from integration.runners.reporting import MADE, Bodies, Source
from integration.settings import Facility

COMPARED: Final = "report.compared"
FOLDER: Final = "console-reports"
_KEPT_SECONDS: Final = 30 * 24 * 3600
"""After which a file goes; the report can be made again from the log."""
_MOST_WAITING: Final = 20
_REMEMBERED: Final = 100
_log = structlog.get_logger()


class State(StrEnum):
    """How far a report is."""

    WAITING = "waiting"
    COUNTING = "counting"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Wish:
    """A report to be made, as somebody chose it."""

    kind: ReportKind
    period: Period
    facility: Facility | None
    """None: all of them together."""
    columns: str
    public: bool
    below: int | None
    forms: tuple[Format, ...]
    lists: Mapping[str, bytes] = field(default_factory=dict)
    """Of a reconciliation: what is laid beside the log."""
    days: int = 0
    """By how many days those may differ from it."""
    list_facility: str = ""


@dataclass(slots=True)
class Job:
    """One report that is being made, or made again."""

    job_id: str
    actor: str
    source: str
    """The facility's feed; empty: all of them."""
    title: str
    begun_at: Instant
    wish: Wish | None = None
    again: int | None = None
    """The entry of the report that is made again and compared."""
    state: State = State.WAITING
    read: int = 0
    """Entries that have been gone through."""
    size: int = 0
    index: int | None = None
    """The entry that tells of it; None until there is one, or while the sequencer has not placed it."""
    changed: tuple[str, ...] = ()
    """Formats that are not, byte for byte, as they were."""
    why: str = ""
    """What it failed of."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {State.DONE, State.FAILED}


class _Stopped(Exception):  # noqa: N818  no error: the console ends
    """The console ends."""


class Jobs:
    """Makes reports, one at a time, and remembers the last ones until the console ends."""

    def __init__(self, parts: Parts) -> None:
        """Args: ``parts`` has the log."""
        self._parts = parts
        self.folder = parts.settings.site.state_dir / FOLDER
        self._turn = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._work: threading.Thread | None = None
        self._stopping = False

    def job(self, job_id: str) -> Job | None:
        """Return one."""
        with self._turn:
            return self._jobs.get(job_id)

    def unfinished(self) -> list[Job]:
        """Return those that wait or are being made, the oldest first."""
        with self._turn:
            return [job for job in self._jobs.values() if not job.over]

    def make(self, wish: Wish, actor: str) -> Job:
        """Have a report made. Raises TransientError, where too many wait."""
        facility = "" if wish.facility is None else wish.facility.source
        return self._add(Job(token_hex(8), actor, facility, f"{wish.kind} {wish.period.name()}", self._now, wish=wish))

    def compare(self, index: int, source: str, actor: str) -> Job:
        """Have a report made again and compared. Raises TransientError, where too many wait."""
        return self._add(Job(token_hex(8), actor, source, f"report of entry {index}, again", self._now, again=index))

    @property
    def _now(self) -> Instant:
        return self._parts.now()

    def _add(self, job: Job) -> Job:
        with self._turn:
            if sum(not each.over for each in self._jobs.values()) >= _MOST_WAITING:
                raise TransientError("too many reports wait")
            self._jobs[job.job_id] = job
            for old in [each.job_id for each in self._jobs.values() if each.over][: len(self._jobs) - _REMEMBERED]:
                del self._jobs[old]
            if self._work is None or not self._work.is_alive():
                self._work = threading.Thread(target=self._run, name="reports", daemon=True)
                self._work.start()
        return job

    def wait(self, job_id: str, seconds: float) -> bool:
        """Wait until one is over; returns whether it is."""
        with self._turn:
            return self._turn.wait_for(lambda: self._jobs[job_id].over, seconds)

    def stop(self, seconds: float = 10) -> None:
        """Let go of everything that is not made yet."""
        with self._turn:
            self._stopping, work = True, self._work
        if work is not None:
            work.join(seconds)

    def _run(self) -> None:
        while True:
            with self._turn:
                job = next((each for each in self._jobs.values() if each.state is State.WAITING), None)
                if job is None or self._stopping:
                    self._work = None
                    return
            self._one(job)

    def _one(self, job: Job) -> None:
        why = ""
        try:
            self._tidy()
            self._carry_out(job)
        except _Stopped:
            why = "the console was stopped"
        except HoldwatchError as error:
            why = str(error)
        except Exception as error:  # noqa: BLE001  the thread goes on with the next; texts of errors may hold what was sent
            _log.error("console.report_failed", error=type(error).__name__)
            why = f"something failed here ({type(error).__name__}); the console's own log says when"
        with self._turn:
            # Other people's lists are not kept for longer than they are read.
            job.wish = None if job.wish is None else replace(job.wish, lists={})
            job.why, job.state = why, State.FAILED if why else State.DONE
            self._turn.notify_all()

    def _carry_out(self, job: Job) -> None:
        head = parse(self._parts.log_end.publish())
        with self._parts.fresh_installation() as installation:
            source = reporting.installed(installation, head)
            watched = replace(source, bodies=lambda size: self._watched(job, source.bodies(size), size))
            if job.again is None:
                self._make(job, watched)
            else:
                self._compare(job, watched, job.again)

    def _watched(self, job: Job, bodies: Bodies, size: int) -> Bodies:
        def begin() -> Iterator[bytes | None]:
            job.size, job.state = size, State.COUNTING
            for read, body in enumerate(bodies, 1):
                if self._stopping:
                    raise _Stopped
                job.read = max(job.read, read)
                yield body
            job.state = State.WRITING

        return Bodies(begin, bodies.choose)

    def _make(self, job: Job, source: Source) -> None:
        wish = job.wish
        assert wish is not None
        asked = reporting.asked_for(
            source,
            wish.kind,
            wish.period,
            job.source,
            wish.facility,
            public=wish.public,
            below=wish.below,
            columns=wish.columns,
        )
        digests = {name: sha256(content).hexdigest() for name, content in wish.lists.items()}
        asked = replace(asked, lists=digests, days=wish.days, list_facility=wish.list_facility)
        check(asked)
        files = reporting.made(source, asked, wish.forms, wish.lists)
        job.index = self._put(files, MADE, "made", job, filed_detail(asked, files, "console"))

    def _compare(self, job: Job, source: Source, index: int) -> None:
        asked, digests = said_of(reporting.filed_entry(source, index))
        if asked.lists:
            raise UsageError("a reconciliation is made again from its lists: `holdwatch report remake` reads them")
        reporting.check_root(source, asked)
        files = reporting.made(source, asked, list(digests))
        changed = tuple(each.form.value for each in differing(files, digests))
        detail: dict[str, JSON] = {"entry": index, "changed": list(changed), "version": reporting.program_version()}
        same = [each for each in files if each.form.value not in changed]
        self._put(same, COMPARED, "differs" if changed else "same", job, detail)
        job.index, job.changed = index, changed

    def _put(self, files: Iterable[Written], kind: str, outcome: str, job: Job, detail: dict[str, JSON]) -> int | None:
        """Record, then put files where they can be had: no record, no file."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = []
        for each in files:
            path = self.folder / f".{job.job_id}.{each.form.value}"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                stream.write(each.content)
            new.append((path, self.folder / f"{each.digest}.{each.form.value}"))
        index = self._parts.pen.record(kind, outcome, job.actor, detail, source=job.source)
        for path, name in new:
            path.replace(name)
        return index

    def _tidy(self) -> None:
        """Let files go that are older than they are kept. By the system's clock, which set their times."""
        before = time.time() - _KEPT_SECONDS
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def content(self, asked: Asked, form: Format, digest: str) -> bytes | None:
        """Return a report's file; None where it is no longer there, or is not the one that was recorded.

        Raises:
            FatalError: it is there and cannot be read.
        """
        reports = self._parts.settings.reports_folder
        for path in (self.folder / f"{digest}.{form.value}", reports / file_name(asked, form)):
            content = _read(path)
            if content is not None and sha256(content).hexdigest() == digest:
                return content
            if content is not None and path.parent == self.folder:
                # In the other folder a file of this name may be another copy of the same report.
                _log.error("console.report_altered", recorded=digest)
        return None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FatalError(f"a report's file cannot be read: {error.strerror}") from error
