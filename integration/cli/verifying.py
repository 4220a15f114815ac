"""``holdwatch audit verify``: a folder's log, or an installation's, and one clear verdict."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from integration.audit.note import KeyFileError, SigningKey
from integration.audit.verify import (
    Head,
    Report,
    Rotation,
    follow,
    read_checkpoint,
    read_lines,
    read_rotations,
    stored_leaf_hashes,
    verify_directory,
    verify_tiles,
)
from integration.cli.console import out, print_json, print_table
from integration.cli.opening import settings_of
from integration.errors import FatalError, UsageError
from integration.runners.rotating import handovers_in
from integration.services.verification import verify_kept
from integration.settings import Settings
from integration.store.database import open_engine
from integration.store.queries import Records

_VKEY = re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}", re.ASCII)
GIVEN = "given"
FOLDER = "the log's own folder"
INSTALLATION = "the installation's own key file"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified, with whose key, against which checkpoints kept elsewhere."""

    report: Report
    vkey: str
    key_from: str
    earlier: tuple[Head, ...]
    """Those whose signature verifies."""
    trusted: str = ""
    """The key that was given or believed, where later ones were followed from it."""

    @property
    def unanchored(self) -> int:
        """Number of entries past the checkpoint."""
        return max(0, self.report.entries - (self.report.head.size if self.report.head else 0))

    def tail(self) -> str:
        """Say what no verification can find."""
        if self.earlier:
            size = max(head.size for head in self.earlier)
            return f"tail loss past the last external anchor (entry {size}) cannot be detected"
        return "no external anchor was given (--earlier): tail loss past the checkpoint cannot be detected"

    def verdict(self) -> str:
        """Say it in one line."""
        report = self.report
        count = len(report.problems) + report.unlisted
        state = "verified" if report.ok else f"NOT VERIFIED, {count} problems"
        head = report.head
        at = "no valid checkpoint" if head is None else f"checkpoint at {head.size}, signed by {self.signer()}"
        past = f"entries past the checkpoint are not yet anchored: {self.unanchored}"
        return f"{state}: {report.entries} entries, {at}; {past}; {self.tail()}"

    def signer(self) -> str:
        """Return the key's name and id."""
        name = "+".join(self.vkey.split("+")[:2])
        if self.trusted in ("", self.vkey):
            return name
        return f"{name} (which the log's key {self.trusted.split('+')[1]} handed over to)"


def key_given(text: str | None) -> str | None:
    """Read a published key, given as text or as a file.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    key = text.strip()
    if _VKEY.fullmatch(key) is None:
        try:
            key = Path(text).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise UsageError("--vkey is neither a verifier key (name+id+base64) nor a file that can be read") from None
        if _VKEY.fullmatch(key) is None:
            raise UsageError(f"{text} holds no verifier key (name+id+base64)")
    return key


def notes_in(paths: Sequence[Path]) -> list[bytes]:
    """Read checkpoints that were kept elsewhere.

    Raises:
        UsageError: one cannot be read.
    """
    try:
        return [path.read_bytes() for path in paths]
    except OSError as error:
        raise UsageError(f"--earlier {error.filename}: {error.strerror}") from None


def verify_folder(folder: Path, given: str | None, earlier: Sequence[bytes]) -> Verified:
    """Verify what a replay or an export wrote: rows, tiles, or both.

    Raises:
        UsageError: the folder holds no log.
    """
    rows, tiles = (folder / "audit.jsonl").is_file(), (folder / "tile").is_dir()
    if not rows and not tiles:
        raise UsageError(f"{folder} holds no log: neither audit.jsonl nor tile/ is there")
    trusted = given if given is not None else _key_beside(folder)
    followed = follow(trusted, _rotations_in(folder) if rows else [], handovers_in(folder))
    key, reports = followed.key, []
    if rows:
        stored = stored_leaf_hashes(folder, _size(folder, key)) if tiles else None
        kept = [*earlier, *followed.notes]
        reports.append(verify_directory(folder, vkey=key, earlier=kept, others=followed.others, stored=stored))
    if tiles:
        reports.append(verify_tiles(folder, key))
    report = _joined(reports)
    return Verified(report, key, FOLDER if given is None else GIVEN, _heads(earlier, (key, *followed.others)), trusted)


def _rotations_in(folder: Path) -> list[Rotation]:
    """Read the changes of key from the rows of a folder. Rows that cannot be read are told by the verifier."""
    found = []
    for line in read_lines(folder / "audit.jsonl"):
        if b"key.rotated" not in line:
            continue
        try:
            row = json.loads(line)
            found.append((int(row["index"]), json.dumps(row["entry"], separators=(",", ":")).encode()))
        except (ValueError, KeyError, TypeError):
            continue
    return read_rotations(found)


def _key_beside(folder: Path) -> str:
    try:
        key = (folder / "vkey").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{folder} holds no vkey that can be read; give the published key with --vkey") from None
    if _VKEY.fullmatch(key) is None:
        raise UsageError(f"{folder}/vkey is no verifier key; give the published key with --vkey")
    return key


def _size(folder: Path, key: str) -> int:
    try:
        return read_checkpoint((folder / "checkpoint").read_bytes(), key).size
    except (OSError, ValueError):
        return 0  # The verifier says so.


def _joined(reports: Sequence[Report]) -> Report:
    """Put reports about the same log together; what both say is said once."""
    first = reports[0]
    problems = dict.fromkeys(problem for report in reports for problem in report.problems)
    return replace(
        first,
        problems=tuple(sorted(problems, key=lambda each: -1 if each.index is None else each.index)),
        unlisted=sum(report.unlisted for report in reports),
        notes=tuple(note for report in reports for note in report.notes),
    )


def _heads(notes: Sequence[bytes], keys: Sequence[str]) -> tuple[Head, ...]:
    heads = []
    for note in notes:
        for key in keys:
            try:
                heads.append(read_checkpoint(note, key))
                break
            except ValueError:
                continue  # The verifier says so.
    return tuple(heads)


def verify_installation(path: Path, given: str | None, earlier: Sequence[bytes]) -> Verified:
    """Verify an installation's database against its anchor. Changes nothing, and needs no packs.

    Raises:
        UsageError: there is no installation.
        FatalError: the database or the key cannot be read.
    """
    settings = settings_of(path)
    trusted = given if given is not None else _own_key(settings)
    # First the anchor: a running service moves it only after its entries are committed.
    anchor = settings.anchor_file
    checkpoint = anchor.read_bytes() if anchor.is_file() else None
    engine: Engine = open_engine(settings.database_url)
    try:
        with Records(engine).snapshot() as records:
            changes = ((row.leaf_index, row.body) for row in records.entries_of_kinds(["key.rotated"]))
            followed = follow(trusted, read_rotations(changes), handovers_in(settings.site.state_dir))
            kept = [*earlier, *followed.notes]
            report = verify_kept(records.kept(), checkpoint, followed.key, earlier=kept, others=followed.others)
    finally:
        engine.dispose()
    heads = _heads(earlier, (followed.key, *followed.others))
    return Verified(report, followed.key, INSTALLATION if given is None else GIVEN, heads, trusted)


def _own_key(settings: Settings) -> str:
    try:
        return SigningKey.load(settings.key_file("log"), settings.log.origin).vkey
    except (OSError, KeyFileError, ValueError) as error:
        raise FatalError(f"the log's key cannot be read, give the published one with --vkey: {error}") from error


def print_verified(verified: Verified, *, as_json: bool) -> None:
    """Print problems and verdict."""
    report = verified.report
    if as_json:
        print_json(_json(verified))
        return
    if report.problems:
        rows = [(_place(each.index, each.until), each.what.value, each.text) for each in report.problems]
        print_table("problems", ("entry", "what", "text"), rows)
    if report.unlisted:
        out.print(f"{report.unlisted} more problems are not listed")
    for note in report.notes:
        out.print(f"note: {note}", markup=False, highlight=False)
    if verified.key_from != GIVEN:
        text = f"note: the key came from {verified.key_from}; give the published key with --vkey to rule out a forger"
        out.print(text, markup=False, highlight=False)
    out.print(verified.verdict(), markup=False, highlight=False)


def _place(index: int | None, until: int | None) -> str:
    if index is None:
        return "log"
    return str(index) if until is None or until <= index + 1 else f"{index} to {until - 1}"


def _json(verified: Verified) -> dict[str, Any]:
    report, head = verified.report, verified.report.head
    return {
        "ok": report.ok,
        "verdict": verified.verdict(),
        "entries": report.entries,
        "checkpoint": head and {"origin": head.origin, "size": head.size, "root_hash": head.root.hex()},
        "signed_by": verified.signer() if head else None,
        "key_from": verified.key_from,
        "unanchored": verified.unanchored,
        "external_anchors": sorted(each.size for each in verified.earlier),
        "problems": [
            {"index": each.index, "until": each.until, "what": each.what.value, "text": each.text}
            for each in report.problems
        ],
        "unlisted": report.unlisted,
        "notes": list(report.notes),
    }
