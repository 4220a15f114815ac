"""``holdwatch audit``: the log, verified, shown, exported, proved, sealed."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import orjson
import typer

from integration.audit import tiles
from integration.audit.checkpoint import parse
from integration.audit.entry import JSON
from integration.audit.note import NoteError
from integration.audit.proofs import inclusion_proof
from integration.bootstrap import OpenLog
from integration.cli import verifying
from integration.cli.console import Exit, out, print_json, print_table, progress
from integration.cli.opening import (
    DEFAULT_SETTINGS,
    Actor,
    AsJson,
    SettingsFile,
    actor_name,
    audit_desk,
    opened_log,
)
from integration.errors import FatalError, UsageError
from integration.runners.output import AUDIT, CHECKPOINT, VKEY
from integration.runners.rotating import HANDOVERS, handovers_in, rotate
from integration.services.auditing import audit_lines, leaf_of, opened_entry, read_entry
from integration.services.ports import EntryRow

app = typer.Typer(help="The audit log: verify, show, export, prove, seal, rotate the key.", no_args_is_help=True)
Index = Annotated[int, typer.Argument(min=0, help="Leaf index, as `audit show` tells it.")]


@app.command()
def verify(
    path: Annotated[
        Path | None, typer.Argument(help="Folder that replay or `audit export` wrote; without it, the installation.")
    ] = None,
    vkey: Annotated[str | None, typer.Option(help="The published verifier key, or a file that holds it.")] = None,
    earlier: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that was kept elsewhere. May be given several times.")
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Verify a log: entries, tree, signature, history; of an installation its tables and tiles, too.

    Exit status: 0 nothing is wrong; 1 problems found; 2 usage; 3 cannot decide.
    """
    key, notes = verifying.key_given(vkey), verifying.notes_in(earlier or [])
    if path is None:
        verified = verifying.verify_installation(settings, key, notes)
    else:
        verified = verifying.verify_folder(path, key, notes)
    verifying.print_verified(verified, as_json=as_json)
    raise typer.Exit(int(Exit.DONE if verified.report.ok else Exit.FOUND))


@app.command()
def show(
    booking: Annotated[str | None, typer.Option(help="Only entries about this booking number.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only entries of this kind, as in finding.raised.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many, at most: the newest.")] = 50,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Show entries, oldest first. That somebody read them goes into the log first. Times are UTC."""
    with opened_log(settings) as log:
        detail: dict[str, JSON] = {"kind": kind or "", "last": last}
        read = audit_desk(log).record("audit.read", "read", actor_name(actor), detail, booking=booking or "")
        log.checkpointer.publish()
        rows = log.records.last_entries(read, last, booking=booking, kind=kind)
    if as_json:
        print_json([{"index": row.leaf_index, "entry": read_entry(row)} for row in rows])
    else:
        columns = ("entry", "at (UTC)", "kind", "booking", "outcome", "actor", "detail")
        print_table(f"{len(rows)} entries", columns, [_shown(row) for row in rows])


def _shown(row: EntryRow) -> tuple[object, ...]:
    entry = read_entry(row)
    if entry is None:
        return row.leaf_index, "", "(sealed)", "", "", "", ""
    detail = orjson.dumps(entry["detail"]).decode()
    return row.leaf_index, entry["at"], entry["kind"], entry["booking"], entry["outcome"], entry["actor"], detail


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder, or one with an earlier export.")],
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Write the whole log for others to verify: audit.jsonl, tiles, checkpoint, key. The log records it first."""
    with opened_log(settings) as log:
        _check_target(folder, log)
        index = audit_desk(log).record("audit.exported", "exported", actor_name(actor), {"whole_log": True})
        note = log.checkpointer.publish()
        size = parse(note).size
        _write_export(folder, log, note, size, shown=not as_json)
    if as_json:
        print_json({"folder": str(folder), "entries": size, "entry": index})
    else:
        out.print(f"{size} entries written to {folder}", markup=False, highlight=False)


def _check_target(folder: Path, log: OpenLog) -> None:
    """Refuse to mix two logs, or to write among other files.

    Raises:
        UsageError: the folder holds something else.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    if not any(folder.iterdir()):
        return
    try:
        origin = parse((folder / CHECKPOINT).read_bytes()).origin
    except (OSError, NoteError):
        raise UsageError(f"{folder} is not empty and holds no export of this log") from None
    if origin != log.key.name:
        raise UsageError(f"{folder} holds another log, {origin}")


def _write_export(folder: Path, log: OpenLog, note: bytes, size: int, *, shown: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VKEY).write_text(log.key.vkey + "\n", encoding="utf-8")
    handed = handovers_in(log.settings.site.state_dir)
    for each in handed:
        (folder / HANDOVERS).mkdir(exist_ok=True)
        (folder / HANDOVERS / f"{parse(each).size:012}.note").write_bytes(each)
    with log.records.snapshot() as records, progress("entries written", size, shown=shown) as done:
        sealed = records.sealed_leaves()
        fresh = folder / f"{AUDIT}.new"
        with fresh.open("wb") as stream:
            lines = audit_lines(records.entries(0, size), sealed)
            written = 0
            while chunk := list(islice(lines, 5000)):
                stream.writelines(chunk)
                written += len(chunk)
                done(written)
        fresh.replace(folder / AUDIT)
        try:
            tiles.export(folder, (leaf_of(row, sealed) for row in records.entries(0, size)), note)
        except ValueError as error:
            raise FatalError(f"the log does not verify, see `holdwatch audit verify`: {error}") from error


@app.command()
def prove(
    index: Index,
    to: Annotated[Path | None, typer.Option("--out", help="File for the proof; entry-INDEX.tlog-proof, else.")] = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Write a proof that one entry is in the log, and beside it (.json) the entry. The log records it first."""
    proof_file = to or Path(f"entry-{index}.tlog-proof")
    opened_file = proof_file.with_suffix(".json")
    if opened_file == proof_file:
        raise UsageError("--out: the proof's file ends in .tlog-proof; the entry goes beside it as .json")
    with opened_log(settings) as log:
        if log.records.entry(index) is None:
            raise UsageError(f"the log has no entry {index}")
        audit_desk(log).record("audit.exported", "exported", actor_name(actor), {"leaf_index": index})
        note = log.checkpointer.publish()
        proof = inclusion_proof(index, parse(note).size, log.store.tile)
        with log.records.snapshot() as records:
            row, sealed = next(records.entries(index, index + 1)), records.sealed_leaves()
        proof_file.write_bytes(tiles.tlog_proof(index, proof, note))
        opened = opened_entry(row, leaf_of(row, sealed), log.key.vkey)
        opened_file.write_bytes(orjson.dumps(opened, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    if as_json:
        print_json({"proof": str(proof_file), "entry": str(opened_file), "checkpoint_size": parse(note).size})
    else:
        out.print(f"proof written to {proof_file}, the entry to {opened_file}", markup=False, highlight=False)


@app.command()
def seal(
    index: Index,
    authority: Annotated[str, typer.Option(help="The court order's number, or the statute.")],
    actor: Annotated[str, typer.Option(help="Who carries it out.")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Take one entry out of sight for ever, on a court's order. The log stays verifiable, every proof valid."""
    with opened_log(settings) as log:
        record = audit_desk(log).seal(log.records, index, authority=authority, actor=actor)
        log.checkpointer.publish()
    if as_json:
        print_json({"sealed": index, "by": record})
    else:
        out.print(f"entry {index} is sealed; entry {record} says so", highlight=False)


@app.command("rotate-key")
def rotate_key(
    reason: Annotated[str, typer.Option(help="Why, for the log: a year is over, somebody left, it may be known.")],
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Change the key that signs the log. Stop every process of the installation first.

    The log names the new key, and both keys sign the checkpoint that covers that: who trusts the old key is led to the
    new one. Publish the new verifier key, and make a backup with the keys: an earlier one needs the old key.
    Exit status: 0 done; 2 the service runs; 3 a key or the log cannot be written. Give it again after a crash.
    """
    with opened_log(settings) as log:
        done = rotate(log, audit_desk(log), actor=actor_name(actor), reason=reason)
    if as_json:
        told = {"old_vkey": done.old_vkey, "new_vkey": done.new_vkey, "entries": done.size}
        print_json({**told, "handover": str(done.note), "old_key": str(done.old_key)})
        return
    out.print(f"new verifier key, to be published: {done.new_vkey}", markup=False, highlight=False)
    out.print(f"handed over at {done.size} entries: {done.note}", markup=False, highlight=False)
    out.print(f"the old key is kept for earlier backups: {done.old_key}", markup=False, highlight=False)
