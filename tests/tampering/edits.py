"""Statements that somebody with the database's password could run, on a real SQLite file."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import make_url

from integration.audit.verify import Report, What
from integration.services.verification import verify_kept
from integration.store.database import open_engine
from integration.store.queries import Records
from tests.audit.logs import KEY
from tests.tampering.flips import Count, Outcome
from tests.tampering.rows import near
from tests.tampering.sites import Database

Statement = tuple[str, tuple[object, ...]]
FINDING = (
    "INSERT INTO findings SELECT 'x' || substr(finding_id, 2), source, booking, rule, about, since, until, raised_at, "
    "status, severity, provisions, evidence, names, pack, pack_revision FROM findings WHERE rowid = ?"
)
PROJECTIONS: dict[str, str] = {
    "finding closed": "UPDATE findings SET status = 'resolved' WHERE rowid = ? AND status != 'resolved'",
    "finding opened": "UPDATE findings SET status = 'open' WHERE rowid = ? AND status != 'open'",
    "finding gone": "DELETE FROM findings WHERE rowid = ?",
    "finding invented": FINDING,
    "finding moved": "UPDATE findings SET booking = booking || 'x' WHERE rowid = ?",
    "finding later": "UPDATE findings SET since = since + 1 WHERE rowid = ?",
    "finding milder": "UPDATE findings SET severity = 'advice' WHERE rowid = ? AND severity != 'advice'",
    "finding without end": "UPDATE findings SET until = NULL WHERE rowid = ? AND until IS NOT NULL",
    "evidence exchanged": "UPDATE findings SET evidence = x'5b5d' WHERE rowid = ?",
    "evidence as text": "UPDATE findings SET evidence = CAST(evidence AS TEXT) WHERE rowid = ?",
    "decision permitted": "UPDATE decisions SET decision = 'permit' WHERE rowid = ? AND decision != 'permit'",
    "decision blocked": "UPDATE decisions SET decision = 'block' WHERE rowid = ? AND decision != 'block'",
    "decision gone": "DELETE FROM decisions WHERE rowid = ?",
    "decision invented": "INSERT INTO decisions SELECT source, request, request_id || 'x', booking, decision, reasons, "
    "provisions, categories, recipient_class, decided_at, pack, pack_revision FROM decisions WHERE rowid = ?",
}
ENTRIES: dict[str, str] = {
    "entry gone": "DELETE FROM entries WHERE leaf_index = ?",
    "entry unlawfully sealed": "UPDATE entries SET body = NULL, salt = NULL, kind = '', source = '', booking = '', "
    "outcome = '' WHERE leaf_index = ? AND body IS NOT NULL",
    "entry without salt": "UPDATE entries SET salt = NULL WHERE leaf_index = ? AND salt IS NOT NULL",
    "entry's body as text": "UPDATE entries SET body = CAST(body AS TEXT) || ' ' WHERE leaf_index = ? "
    "AND body IS NOT NULL",
    "entry's time": "UPDATE entries SET at = at + 1 WHERE leaf_index = ?",
    "entry's time as text": "UPDATE entries SET at = 'noon' WHERE leaf_index = ?",
    "entry's hash": "UPDATE entries SET leaf_hash = zeroblob(32) WHERE leaf_index = ?",
    "entry exchanged": "UPDATE entries SET (at, kind, source, booking, outcome, body, salt, leaf_hash) = "
    "(SELECT at, kind, source, booking, outcome, body, salt, leaf_hash FROM entries WHERE leaf_index = 0) "
    "WHERE leaf_index = ? AND leaf_index > 0",
}
LOG: dict[str, str] = {
    "tail cut": "DELETE FROM entries WHERE leaf_index > ?",
    "tile gone": "DELETE FROM tiles WHERE ? >= 0",
    "tile invented": "INSERT INTO tiles SELECT 5, 7, zeroblob(8192) WHERE ? >= 0",
    "sealed leaf gone": "DELETE FROM sealed_leaves WHERE ? >= 0",
    "size": "UPDATE log_state SET size = size + 1 WHERE ? >= 0",
}


def verified(path: Path, site: Database) -> Report:
    """As the command verifies an installation."""
    engine = open_engine(make_url(f"sqlite:///{path}").render_as_string())
    try:
        with Records(engine).snapshot() as records:
            return verify_kept(records.kept(), site.checkpoint, KEY.vkey, earlier=site.earlier)
    finally:
        engine.dispose()


def edited(work: Path, site: Database, name: str, statement: str, row: int) -> Outcome | None:
    """Run one statement on a copy; None where it changed nothing."""
    assert site.path is not None
    copy = work / "edited.sqlite"
    for suffix in ("", "-wal", "-shm"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    shutil.copy(site.path, copy)
    database = sqlite3.connect(copy)
    with database:
        changed = database.execute(statement, (row,)).rowcount
    database.close()
    if not changed:
        return None
    report = verified(copy, site)
    return Outcome(f"edited: {name}", not report.ok, _located(name, report, row), f"{name} row {row}")


def _located(name: str, report: Report, row: int) -> bool:
    if name in PROJECTIONS:
        return any(each.what is What.PROJECTION for each in report.problems)
    if name in ENTRIES:
        return near(report.problems, row, row + 1)
    kinds = {"tail cut": What.SIZE, "size": What.SIZE, "sealed leaf gone": What.MALFORMED_LEAF}
    return any(each.what is kinds.get(name, What.TILE) for each in report.problems)


def all_edits(work: Path, site: Database, seed: int, times: int) -> Count:
    """Every statement, on so many rows each."""
    dice, count = random.Random(f"edits{seed}"), Count()
    sizes: list[tuple[dict[str, str], Callable[[], int]]] = [
        (PROJECTIONS, lambda: dice.randrange(1, 1 + len(list(site.kept.findings)))),
        (ENTRIES, lambda: dice.randrange(site.kept.size)),
        (LOG, lambda: dice.randrange(site.kept.size - 1)),
    ]
    for statements, any_row in sizes:
        for name, statement in statements.items():
            rows = {any_row() for _ in range(times)}
            if name.startswith("decision"):
                rows = set(range(1, 1 + len(list(site.kept.decisions))))
            if statements is ENTRIES:
                rows |= set(site.kept.sealed_leaves)
            for row in sorted(rows):
                if (outcome := edited(work, site, name, statement, row)) is not None:
                    count.add(outcome)
    return count
