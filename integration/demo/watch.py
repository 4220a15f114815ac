"""Reads an installation's records into a view; signs, changes and decides nothing."""

from zoneinfo import ZoneInfo

from integration.audit import verify
from integration.bootstrap import Installation
from integration.demo.changes import change_of, loaded
from integration.demo.papers import lines_of
from integration.demo.view import Change, Held, LogState, OnFile, View
from integration.domain.facts import Voided
from integration.domain.instants import NEVER, Instant
from integration.runners import output
from integration.services.casefile import CaseFile
from integration.services.ports import BookingKey
from schemas.kinds import Status


class Watch:
    """Follows the log from its start. One thread: the one the service runs in."""

    def __init__(self, installation: Installation) -> None:
        """Args: ``installation`` as the service opened it."""
        self._installation = installation
        self._keys: dict[BookingKey, None] = {}
        self._changes: list[Change] = []
        self._entries = 0
        self._note = b""
        self._log = LogState(0, 0, 0, intact=True, dead_letters=0)

    def look(self, now: Instant) -> View:
        """Return what there is to see now."""
        self._follow(now)
        settings = self._installation.settings
        held, papers = self._bookings(now)
        return View(
            now=now,
            zone=ZoneInfo(settings.facilities[0].zone),
            place=settings.site.name,
            held=tuple(sorted(held, key=lambda each: (each.since, each.booking))),
            papers=tuple(sorted(papers, key=lambda each: (each.release_at or NEVER, each.booking))),
            changes=tuple(self._changes),
            log=self._log_state(now),
        )

    def _follow(self, now: Instant) -> None:
        """Take in the entries that are new."""
        first_look = self._entries == 0
        read = 0
        for row in self._installation.records.entries(self._entries):
            self._entries = row.leaf_index + 1
            if row.booking:
                self._keys[BookingKey(row.source, row.booking)] = None
            if first_look and row.kind == "event.accepted":
                read += 1
            elif (change := change_of(row)) is not None:
                self._changes.append(change)
        if read:
            self._changes.insert(0, loaded(read, now))

    def _bookings(self, now: Instant) -> tuple[list[Held], list[OnFile]]:
        held: list[Held] = []
        papers: list[OnFile] = []
        for row in self._installation.store.bookings(list(self._keys)):
            if row.home is not None:
                continue
            case = CaseFile.from_row(row)
            parameters = self._installation.pack_for(row.source, now).parameters
            for booking, facts in case.standing().items():
                if any(isinstance(fact, Voided) for fact in facts):
                    continue
                findings = [
                    kept.finding
                    for kept in case.findings.values()
                    if kept.finding.booking == booking and kept.finding.status is Status.OPEN
                ]
                kept_past, on_file = lines_of(booking, facts, findings, parameters, now=now)
                held += kept_past
                papers += [on_file] if on_file else []
        return held, papers

    def _log_state(self, now: Instant) -> LogState:
        """Verify again whenever a checkpoint has been signed: with the real verifier, from the first entry."""
        dead_letters = self._installation.records.counts()["dead_letters"]
        note = (self._installation.settings.site.state_dir / "anchor").read_bytes()
        signed_at, intact, covered = self._log.checkpoint_at, self._log.intact, self._log.checkpoint
        if note != self._note:
            rows = map(output.audit_line, self._installation.records.entries())
            report = verify.verify_rows(rows, note, self._installation.key.vkey)
            covered = report.head.size if report.head else 0
            self._note, signed_at, intact = note, now, report.ok
        self._log = LogState(self._entries, covered, signed_at, intact=intact, dead_letters=dead_letters)
        return self._log
