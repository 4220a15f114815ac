"""``holdwatch report``: for the council, on parity, holds and the gate; reconciled, filed, made again, tallied."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from integration.audit.private import private_folder, write_private
from integration.cli import reporting
from integration.cli.console import Exit, out, print_json, print_table
from integration.cli.opening import DEFAULT_SETTINGS, Actor, AsJson, SettingsFile, actor_name
from integration.cli.reporting import opened_source
from integration.errors import UsageError
from integration.reports import tally as tallying
from integration.reports.asked import Asked, Format, ReportKind
from integration.reports.columns import column_sets, load_columns
from integration.reports.counting.period import Period, months_before
from integration.reports.filing import FILED, differing, last_period, said_of
from integration.reports.making import CROSSWALK
from integration.reports.publishing import SubtractableError
from integration.runners import reporting as making
from integration.runners.reporting import Source
from integration.settings import Facility

app = typer.Typer(help="Reports, counted from the audit log alone.", no_args_is_help=True)

From = Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")]
To = Annotated[str, typer.Option("--to", help="The first day that is no longer in the period, as 2026-07-01.")]
FacilityName = Annotated[
    str | None, typer.Option("--facility", help="The feed's source; without it all facilities together.")
]
Forms = Annotated[list[Format] | None, typer.Option("--format", help="May be given several times. HTML, if not given.")]
Out = Annotated[Path, typer.Option("--out", help="Folder that the files go into.")]
Log = Annotated[
    Path | None, typer.Option("--log", help="Count an exported log (a replay's, `audit export`'s) instead; not filed.")
]
ZoneName = Annotated[str | None, typer.Option("--zone", help="IANA time zone whose days count; the facility's.")]
Public = Annotated[bool, typer.Option("--public", help="The public copy: no booking numbers, small counts left out.")]
Below = Annotated[
    int | None, typer.Option("--suppress-below", min=0, help="Leave out counts from 1 to one below; the pack's number.")
]
Despite = Annotated[
    bool,
    typer.Option(
        "--despite-earlier", help="A public copy although an earlier one can be subtracted; its page says so."
    ),
]
_HERE = Path()


def _report(
    kind: ReportKind,
    *,
    first: str,
    end: str,
    facility: str | None,
    forms: list[Format] | None,
    folder: Path,
    log: Path | None,
    zone: str | None,
    public: bool,
    below: int | None,
    actor: str | None,
    settings: Path,
    as_json: bool,
    columns: str = "",
    lists: Mapping[str, bytes] | None = None,
    days: int = 0,
    list_facility: str = "",
    despite: bool = False,
) -> None:
    with opened_source(settings, log) as source:
        chosen = making.facility_of(source, facility)
        period = Period(making.day(first, "--from"), making.day(end, "--to"), making.zone_of(source, chosen, zone))
        name = chosen.source if chosen is not None else facility or ""
        asked = making.asked_for(source, kind, period, name, chosen, public=public, below=below, columns=columns)
        digests = {key: sha256(content).hexdigest() for key, content in (lists or {}).items()}
        asked = replace(asked, lists=digests, days=days, list_facility=list_facility, despite_earlier=despite)
        files = making.made(source, asked, forms or [Format.HTML], lists)
        index = reporting.put(folder, source, asked, files, actor_name(actor) if log is None else "")
        _tell([(folder / each.name, each.digest) for each in files], asked, index, as_json=as_json)


def _tell(files: list[tuple[Path, str]], asked: Asked, index: int | None, *, as_json: bool) -> None:
    if as_json:
        listed = [{"file": str(path), "sha256": digest} for path, digest in files]
        print_json({"files": listed, "entry": index, "entries": asked.size, "root_hash": asked.root})
        return
    for path, _ in files:
        out.print(str(path), markup=False, highlight=False)
    where = f"filed as entry {index}; " if index is not None else ""
    out.print(f"{where}counted from the log's first {asked.size} entries, root {asked.root[:16]}…", highlight=False)


@app.command()
def council(
    first: From,
    end: To,
    facility: FacilityName = None,
    columns: Annotated[str, typer.Option(help="Column set: `report columns` lists them; or a file.")] = "m-4",
    forms: Forms = None,
    folder: Out = _HERE,
    log: Log = None,
    zone: ZoneName = None,
    public: Public = False,
    below: Below = None,
    despite: Despite = False,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Requests lodged, people detained on them, transferred, reimbursements (M-4, or another law's columns)."""
    load_columns(columns)
    _report(
        ReportKind.COUNCIL,
        first=first,
        end=end,
        facility=facility,
        forms=forms,
        folder=folder,
        log=log,
        zone=zone,
        public=public,
        below=below,
        actor=actor,
        settings=settings,
        as_json=as_json,
        columns=columns,
        despite=despite,
    )


def _command(kind: ReportKind, said: str) -> None:
    """Add the command of a report that asks for nothing but period, place and form."""

    @app.command(kind.value, help=said)
    def command(
        first: From,
        end: To,
        facility: FacilityName = None,
        forms: Forms = None,
        folder: Out = _HERE,
        log: Log = None,
        zone: ZoneName = None,
        public: Public = False,
        below: Below = None,
        despite: Despite = False,
        actor: Actor = None,
        settings: SettingsFile = DEFAULT_SETTINGS,
        as_json: AsJson = False,
    ) -> None:
        _report(
            kind,
            first=first,
            end=end,
            facility=facility,
            forms=forms,
            folder=folder,
            log=log,
            zone=zone,
            public=public,
            below=below,
            actor=actor,
            settings=settings,
            as_json=as_json,
            despite=despite,
        )


_command(ReportKind.PARITY, "Time from entitlement to release, with and without an immigration paper on file.")
_command(ReportKind.HOLDS, "Every stay past release: hours, month, cause, person-days.")
_command(ReportKind.GATE, "Messages, access and assistance as decided; approvals.")


@app.command()
def reconcile(
    first: From,
    end: To,
    ice: Annotated[Path | None, typer.Option(help="ICE's own detainer export, CSV.")] = None,
    ice_facility: Annotated[str, typer.Option(help="Only rows of this facility or code in it.")] = "",
    crosswalk: Annotated[Path | None, typer.Option(help="CSV: identifier in ICE's export, booking.")] = None,
    paper: Annotated[Path | None, typer.Option(help="The paper log, CSV: received, form, booking?, hold_id?.")] = None,
    days: Annotated[int, typer.Option(min=0, max=31, help="By how many days the lists may differ.")] = 1,
    facility: FacilityName = None,
    forms: Forms = None,
    folder: Out = _HERE,
    log: Log = None,
    zone: ZoneName = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Lay ICE's export and the paper log beside the log's requests; list what each side lacks."""
    lists = _lists(ice, paper, crosswalk)
    if not lists:
        raise UsageError("what is to be laid beside the log? Give --ice, --paper or both")
    _report(
        ReportKind.RECONCILE,
        first=first,
        end=end,
        facility=facility,
        forms=forms,
        folder=folder,
        log=log,
        zone=zone,
        public=False,
        below=0,
        actor=actor,
        settings=settings,
        as_json=as_json,
        lists=lists,
        days=days,
        list_facility=ice_facility,
    )


def _lists(ice: Path | None, paper: Path | None, crosswalk: Path | None) -> dict[str, bytes]:
    named = {"ice": ice, "paper": paper, CROSSWALK: crosswalk}
    try:
        return {name: path.read_bytes() for name, path in named.items() if path is not None}
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from None


@app.command("columns")
def list_columns(as_json: AsJson = False) -> None:
    """List the column sets: whose law each follows, and how far its text was checked."""
    sets = [load_columns(name) for name in column_sets()]
    if as_json:
        print_json([each.model_dump(mode="json") for each in sets])
    else:
        rows = [(each.id, each.law, each.checked.value.replace("_", " "), each.checked_note) for each in sets]
        print_table("column sets", ("id", "law", "text checked", "note"), rows)


@app.command("file")
def file_reports(
    mail: Annotated[bool, typer.Option("--mail", help="Mail the public copies to the settings' mailbox, too.")] = False,
    today: Annotated[str | None, typer.Option(help="File as if it were this day; today, if not given.")] = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """File what is due, for cron or a timer: the last whole period of each facility, both copies. Never twice.

    Exit status: 0 done; 1 a public copy was refused, because it can be subtracted from an earlier one.
    """
    who, filed, refused = actor_name(actor), [], False
    with opened_source(settings, None) as source:
        assert source.installation is not None
        wanted = source.installation.settings.reports
        if mail and wanted.email is None:
            raise UsageError("the settings name no mailbox (reports.email)")
        for facility in source.installation.settings.facilities:
            for kind in wanted.kinds:
                for public in (False, True):
                    asked = _due(source, facility, kind, today, public=public)
                    try:
                        filed += _file(source, asked, who, mail=mail and public)
                    except SubtractableError as error:
                        refused = True
                        filed.append({"file": f"{kind.value} {facility.source} public", "what": f"refused: {error}"})
    if as_json:
        print_json(filed)
    else:
        for each in filed:
            out.print(f"{each['file']}: {each['what']}", markup=False, highlight=False)
        out.print(f"{sum(each['what'] == 'filed' for each in filed)} files filed", highlight=False)
    if refused:
        raise typer.Exit(int(Exit.FOUND))


def _due(source: Source, facility: Facility, kind: ReportKind, today: str | None, *, public: bool) -> Asked:
    assert source.installation is not None
    settings = source.installation.settings.reports
    now = datetime.now(UTC)
    day = making.day(today, "--today") if today else now.astimezone(ZoneInfo(facility.zone)).date()
    pack = source.installation.pack_for(facility.source, int(now.timestamp() * 1_000_000))
    period = last_period(day, pack.report.period, facility.zone)
    columns = settings.columns if kind is ReportKind.COUNCIL else ""
    return making.asked_for(source, kind, period, facility.source, facility, public=public, below=None, columns=columns)


def _file(source: Source, asked: Asked, actor: str, *, mail: bool) -> list[dict[str, Any]]:
    assert source.installation is not None
    settings = source.installation.settings
    folder = settings.reports_folder
    told = _told(source, asked)
    filings = [detail for kind, detail in told if kind == FILED]
    late = [{"file": str(path), "what": "filed"} for each in filings for path in reporting.finish(folder, each)]
    send = mail and all(kind != reporting.DELIVERED for kind, _ in told)
    if filings and not send:
        before = {"file": f"{asked.report} {asked.facility} {asked.period.name()}", "what": "filed before"}
        return late or [before]
    if filings:
        # What is mailed is what was filed, not what the log says by now.
        asked, files = reporting.filed(source, folder, filings[-1])
    else:
        files = making.made(source, asked, settings.reports.formats)
        reporting.put(folder, source, asked, files, actor)
    if send:
        reporting.send(source, asked, files, actor)
    return late or [{"file": str(folder / each.name), "what": "mailed" if filings else "filed"} for each in files]


def _told(source: Source, asked: Asked) -> list[tuple[str, dict[str, Any]]]:
    """Return what entries tell of this very report, of the same facility, period and copy: their kinds and details."""
    assert source.installation is not None
    same = ("report", "first", "end", "facility", "columns", "public")
    wanted = asked.detail()
    kinds = (FILED, reporting.DELIVERED)
    rows = source.installation.records.entries_of_kinds(kinds)
    told = [(row.kind, making.detail_of(row)) for row in rows if row.outcome != "failed"]
    return [(kind, detail) for kind, detail in told if all(detail.get(name) == wanted[name] for name in same)]


@app.command()
def remake(
    index: Annotated[int, typer.Argument(min=0, help="The entry that filed it: `audit show --kind report.filed`.")],
    folder: Out = _HERE,
    log: Log = None,
    ice: Annotated[Path | None, typer.Option(help="The same file as then, of a reconciliation.")] = None,
    crosswalk: Annotated[Path | None, typer.Option(help="The same file as then.")] = None,
    paper: Annotated[Path | None, typer.Option(help="The same file as then.")] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Make a filed report again from the log as it was then, and compare it with what was filed, byte for byte.

    Exit status: 0 the same; 1 it differs (another version of the program, or a sealed entry); 3 not the same log.
    """
    with opened_source(settings, log) as source:
        asked, digests = said_of(making.filed_entry(source, index))
        making.check_root(source, asked)
        files = making.made(source, asked, list(digests), _lists(ice, paper, crosswalk))
    private_folder(folder)
    for each in files:
        write_private(folder / each.name, each.content)
    changed = {each.name for each in differing(files, digests)}
    if as_json:
        print_json([{"file": str(folder / each.name), "same": each.name not in changed} for each in files])
    else:
        for each in files:
            said = "differs from what was filed" if each.name in changed else "the same as filed"
            out.print(f"{folder / each.name}: {said}", markup=False, highlight=False)
        if changed and asked.version != making.program_version():
            out.print(f"it was made by version {asked.version}; this is {making.program_version()}", highlight=False)
    raise typer.Exit(int(Exit.FOUND if changed else Exit.DONE))


@app.command()
def tally(
    file: Annotated[
        Path | None, typer.Option("--out", help="The tally file; tally.json in the reports folder.")
    ] = None,
    today: Annotated[str | None, typer.Option(help="Keep as if it were this day; today, if not given.")] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Bring the anonymous tally up to date: counts by month, without bookings, kept apart and by its own retention."""
    with opened_source(settings, None) as source:
        assert source.installation is not None
        wanted = source.installation.settings
        path = file or wanted.reports_folder / "tally.json"
        rows = tallying.read(path.read_bytes()) if path.exists() else []
        day = making.day(today, "--today") if today else datetime.now(UTC).date()
        keep_from = months_before(date(day.year, day.month, 1), wanted.reports.tally_months).isoformat()[:7]
        for facility in wanted.facilities:
            fresh = tallying.counted(facility.source, facility.zone, source.bodies(source.size), source.size)
            rows = tallying.merged(rows, fresh, keep_from=keep_from)
    private_folder(path.parent)
    new = path.with_name(f".{path.name}.new")
    write_private(new, tallying.written(rows))
    new.replace(path)
    if as_json:
        print_json({"file": str(path), "rows": len(rows)})
    else:
        out.print(f"{path}: {len(rows)} counts from {keep_from} on", markup=False, highlight=False)
