"""Verifying the whole log when somebody asks for it: beside the pages, one at a time."""

import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

from integration.audit.verify import verify_directory
from integration.console.parts import Parts
from integration.domain.instants import Instant
from integration.runners.output import CHECKPOINT
from integration.services.verification import verify_kept

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last verification said."""

    at: Instant
    entries: int
    ok: bool
    problems: tuple[str, ...]
    unlisted: int
    failed: str = ""
    """Why nothing could be said."""


class Verifier:
    """Runs it, and remembers what it said until the console ends."""

    def __init__(self, parts: Parts) -> None:
        """Args: ``parts`` has the log and its key."""
        self._parts = parts
        self._turn = threading.Lock()
        self._work: threading.Thread | None = None
        self.started_at: Instant | None = None
        """Since when one is under way."""
        self.last: Verdict | None = None
        self.last_altered: Verdict | None = None
        """About the demo's changed copy."""

    def copy(self) -> Path | None:
        """Return where the demo's changed copy of the log is; None: there is none, or not yet."""
        found = self._parts.altered
        return found if found is not None and (found / CHECKPOINT).is_file() else None

    def start(self, actor: str, copy: Path | None = None) -> bool:
        """Begin, unless one is under way. That somebody asked, and what came of it, goes into the log.

        Args:
            actor: who asked.
            copy: verify this folder in the log's place.
        """
        with self._turn:
            if self.started_at is not None:
                return False
            self.started_at = self._parts.now()
        self._work = threading.Thread(target=self._run, args=(actor, copy), name="verify", daemon=True)
        self._work.start()
        return True

    def wait(self, seconds: float) -> None:
        """Wait until the one under way has ended."""
        if self._work is not None:
            self._work.join(seconds)

    def _run(self, actor: str, copy: Path | None) -> None:
        try:
            verdict = self._verify() if copy is None else self._verify_copy(copy)
            outcome = "verified" if verdict.ok else "not_verified"
            detail = {"entries": verdict.entries, "problems": len(verdict.problems) + verdict.unlisted}
            of_copy = {} if copy is None else {"copy": True}
            self._parts.pen.record("audit.verified", outcome, actor, {**detail, **of_copy})
        except Exception as error:  # noqa: BLE001  whatever it is, one that has ended must not look as if it went on
            _log.error("console.verification_failed", error=type(error).__name__)
            verdict = Verdict(self._parts.now(), 0, ok=False, problems=(), unlisted=0, failed=type(error).__name__)
        with self._turn:
            self.started_at = None
            if copy is None:
                self.last = verdict
            else:
                self.last_altered = verdict

    def _verify_copy(self, folder: Path) -> Verdict:
        report = verify_directory(folder, vkey=self._parts.key.vkey)
        problems = tuple(map(str, report.problems))
        return Verdict(self._parts.now(), report.entries, report.ok, problems, report.unlisted)

    def _verify(self) -> Verdict:
        # First the anchor: a running service moves it only after its entries are committed.
        anchor = self._parts.settings.anchor_file
        checkpoint = anchor.read_bytes() if anchor.is_file() else None
        with self._parts.records.snapshot() as records:
            report = verify_kept(records.kept(), checkpoint, self._parts.key.vkey)
        problems = tuple(map(str, report.problems))
        return Verdict(self._parts.now(), report.entries, report.ok, problems, report.unlisted)
