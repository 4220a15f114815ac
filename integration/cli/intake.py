"""``holdwatch intake``: papers that arrive by fax, typed in by an officer, and their scans."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from connectors.manual.form import Act, Form
from integration.cli.console import out, print_json
from integration.cli.opening import (
    DEFAULT_SETTINGS,
    Actor,
    AsJson,
    SettingsFile,
    actor_name,
    audit_desk,
    opened_installation,
    opened_log,
)
from integration.clock import WallClock
from integration.errors import UsageError
from integration.runners.typing_in import Entered, enter
from integration.store.scans import LONGEST, Scans
from schemas.kinds import HoldKind

app = typer.Typer(help="Papers typed in by hand: received, withdrawn, served, confirmed.", no_args_is_help=True)

Booking = Annotated[str, typer.Argument(help="Booking number.")]
HoldId = Annotated[str, typer.Argument(help="The paper's hold id, as `intake paper` told it.")]
At = Annotated[str, typer.Option("--at", help="When: 2026-03-02T14:30 by the facility's clock, or with an offset.")]
Source = Annotated[str | None, typer.Option(help="Feed of the facility, where there are several.")]
By = Annotated[str, typer.Option(help="Who did it: name or number of the officer.")]
ScanFile = Annotated[Path | None, typer.Option(help="Scan of the paper: PDF, TIFF, PNG or JPEG.")]
HashOnly = Annotated[bool, typer.Option("--hash-only", help="Attach the scan's hash; the scan is kept elsewhere.")]


@app.command()
def paper(
    booking: Booking,
    kind: Annotated[HoldKind, typer.Option(help="What it says it is; its form decides what it counts as.")],
    at: At,
    form: Annotated[str, typer.Option(help="Form number: I-247A, I-200.")] = "",
    expires: Annotated[str, typer.Option(help="When it expires.")] = "",
    agency: Annotated[str, typer.Option(help="Agency that issued it.")] = "",
    ori: Annotated[str, typer.Option(help="The agency's ORI.")] = "",
    court: Annotated[str, typer.Option(help="Court that issued it.")] = "",
    official: Annotated[str, typer.Option(help="Who signed it.")] = "",
    title: Annotated[str, typer.Option(help="The signer's office: magistrate judge, deportation officer.")] = "",
    hold_id: Annotated[str, typer.Option(help="Where the jail's system has an id for it. Else one is made.")] = "",
    scan: ScanFile = None,
    hash_only: HashOnly = False,
    unknown_booking: Annotated[bool, typer.Option(help="The paper came before the person: take it anyway.")] = False,
    source: Source = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Enter a paper that arrived by fax or by hand. Prints its hold id.

    Exit status: 0 done (or on record already); 2 something is wrong with what was typed; 3 the store fails.
    """
    issuer = {"agency": agency, "ori": ori, "court": court, "official_name": official, "official_title": title}
    typed = Form(Act.RECEIVED, source or "", booking, at, hold_id, kind, form, expires, issuer)
    _entered(typed, actor, settings, as_json=as_json, scan=scan, hash_only=hash_only, unknown_booking=unknown_booking)


@app.command()
def withdrawn(
    booking: Booking,
    hold_id: HoldId,
    at: At,
    source: Source = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Enter that whoever issued a paper took it back."""
    _entered(Form(Act.WITHDRAWN, source or "", booking, at, hold_id), actor, settings, as_json=as_json)


@app.command()
def served(
    booking: Booking,
    hold_id: HoldId,
    at: At,
    by: By,
    language: Annotated[str, typer.Option(help="Language of the copy.")] = "",
    source: Source = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Enter that the person was given a copy of a paper."""
    form = Form(Act.SERVED, source or "", booking, at, hold_id, by=by, language=language)
    _entered(form, actor, settings, as_json=as_json)


@app.command()
def verified(
    booking: Booking,
    hold_id: HoldId,
    at: At,
    by: By,
    scan: ScanFile = None,
    hash_only: HashOnly = False,
    source: Source = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Enter that the court confirmed a judicial warrant."""
    form = Form(Act.VERIFIED, source or "", booking, at, hold_id, by=by)
    _entered(form, actor, settings, as_json=as_json, scan=scan, hash_only=hash_only)


@app.command()
def mistaken(
    booking: Booking,
    event_id: Annotated[str, typer.Argument(help="Event id of the wrong entry: manual-…")],
    at: At,
    source: Source = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Take an entry of this command back: it never counted."""
    _entered(Form(Act.MISTAKEN, source or "", booking, at, event_id=event_id), actor, settings, as_json=as_json)


@app.command("scan")
def scan_of(
    digest: Annotated[str, typer.Argument(metavar="SHA256", help="Hash of the scan, as the log tells it.")],
    out_file: Annotated[Path, typer.Option("--out", help="New file, mode 0600; - for standard output.")],
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Write a kept scan to a file. That somebody read it goes into the log first."""
    with opened_log(settings) as log:
        content = Scans(log.settings.site.state_dir / "scans", log.vault).read(digest)
        audit_desk(log).record("scan.read", "read", actor_name(actor), {"scan": digest})
        log.checkpointer.publish()
    if str(out_file) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    out_file.touch(mode=0o600, exist_ok=False)
    out_file.write_bytes(content)


def _entered(
    form: Form,
    actor: str | None,
    settings: Path,
    *,
    as_json: bool,
    scan: Path | None = None,
    hash_only: bool = False,
    unknown_booking: bool = False,
) -> None:
    who, content = actor_name(actor), b"" if scan is None else _read(scan)
    with opened_installation(settings) as installation:
        sources = [each.source for each in installation.settings.facilities]
        if not form.source and len(sources) > 1:
            raise UsageError("there are several facilities: name the feed with --source")
        done = enter(
            installation,
            replace(form, source=form.source or sources[0]),
            who,
            clock=WallClock(),
            scan=content,
            keep_scan=not hash_only,
            unknown_booking=unknown_booking,
        )
        if installation.settings.kafka is None:
            installation.checkpointer.publish()
    _tell(done, as_json=as_json)


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    if file.stat().st_size > LONGEST:
        raise UsageError(f"{file}: a scan has at most {LONGEST // 2**20} MiB")
    return file.read_bytes()


def _tell(done: Entered, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "event_id": done.event_id,
                "hold_id": done.hold_id,
                "outcome": "duplicate" if done.known else "accepted",
                "scan": done.scan,
                "doubts": list(done.doubts),
            }
        )
        return
    said = "on record already" if done.known else "entered"
    about = f"hold id {done.hold_id}, " if done.hold_id else ""
    out.print(f"{said}: {about}event {done.event_id}", markup=False, highlight=False)
    if done.scan:
        out.print(f"scan: {done.scan}", markup=False, highlight=False)
    if done.doubts:
        out.print("the clock changed in that hour: the earlier instant was taken", markup=False, highlight=False)
