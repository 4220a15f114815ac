"""``holdwatch connect``: a mapping tried on a file, compared with another one, and the connectors themselves."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_core import PydanticCustomError

from connectors.jms_csv.encodings import detected
from connectors.jms_niem.trial import documents, is_for_documents
from connectors.mapping.apply import Mapper
from connectors.mapping.config import Mapped
from connectors.mapping.coverage import Coverage
from connectors.mapping.dryrun import DryRun, dry_run
from connectors.mapping.history import history
from connectors.mapping.load import MappingFileError, load_mapping
from connectors.mapping.model import MappingFile
from connectors.mapping.questions import unanswered
from connectors.mapping.result import NoteCode
from integration.audit.entry import text_of
from integration.bootstrap import Installation, connect_ports
from integration.cli.connect_documents import loaded_documents, try_documents
from integration.cli.console import Exit, fail, out, print_json, print_table
from integration.cli.opening import DEFAULT_SETTINGS, AsJson, SettingsFile, opened_installation
from integration.clock import WallClock
from integration.logs import configure_logs
from integration.policy.pack import load
from integration.runners.connect.build import feeds_of
from integration.runners.connect.compare import Found, differences, replayed_inputs
from integration.runners.connect.reconcile import compare_file
from integration.runners.connect.run import serve
from integration.runners.connect.taker import Taker
from integration.services.intake import Input
from integration.settings import load_settings
from schemas.base import instant_of

app = typer.Typer(help="Connectors: try a mapping, compare two, run them.", no_args_is_help=True)

_SHOWN = 50


@app.command("test")
def try_mapping(
    mapping: Annotated[Path, typer.Argument(help="Mapping file.")],
    files: Annotated[list[Path], typer.Argument(help="Files as the jail's system writes them.")],
    show_events: Annotated[bool, typer.Option("--events", help="Print the events, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try a mapping on files: nothing is taken in. Of NIEM documents and New Orleans' envelopes, too.

    Tells the events it gives, what it refuses and why, which columns it reads and which codes it does not list.
    It prints codes as they stand in the file: it is for the screen of whoever may read the file.
    Exit status: 0 everything maps; 1 something is refused, a code or value is not listed, or a row that is read for
    what keeps the person gave no hold; 2 the mapping has faults.
    """
    if is_for_documents(mapping):
        raise typer.Exit(int(try_documents(mapping, _there(files), show_events=show_events, as_json=as_json)))
    loaded = _loaded(mapping)
    coverage = Coverage(loaded)
    notes = []
    for file in _there(files):
        if loaded.input.format == "csv" and loaded.input.encoding == "detect":
            encoding = detected(file.read_bytes())
            notes.append(f"{file}: read as {encoding}; declare input.encoding if that is wrong")
    told = dry_run(history(files, Mapper(loaded, coverage)), coverage)
    told.notes = [*notes, *(f"{sentence}; another feed has to" for sentence in unanswered(loaded))]
    report = told.report()
    if as_json:
        print_json({**report, **({"event_list": told.events} if show_events else {})})
    else:
        _print(report, told, show_events=show_events)
    found = any(report[name] for name in ("refusals", "codes_unmapped", "values_unmatched"))
    found = found or NoteCode.NO_HOLD.value in report["notes"]
    raise typer.Exit(int(Exit.FOUND if found else Exit.DONE))


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Mapping file as it is.")],
    new: Annotated[Path, typer.Argument(help="Mapping file as it would be.")],
    files: Annotated[list[Path], typer.Argument(help="Files that came in: last month's, say.")],
    policy: Annotated[str, typer.Option(help="Pack id or folder.")],
    until: Annotated[str | None, typer.Option(help="Let time pass until then (RFC 3339 with offset).")] = None,
    as_json: AsJson = False,
) -> None:
    """Replay files under two mappings, and tell which findings would differ. Nothing is taken in.

    Exit status: 0 none would; 1 some would; 2 usage; 3 cannot decide.
    """
    pack = load(Path(policy) if Path(policy).is_dir() else policy)
    try:
        at = None if until is None else instant_of(until)
    except PydanticCustomError as error:
        fail(Exit.USAGE, f"--until {until}: {error.message()}")
    before, after = (
        replayed_inputs(inputs, pack, at) for inputs in [_inputs(each, _there(files)) for each in (old, new)]
    )
    found = differences(before, after)
    counts = [
        {"accepted": each.tally.accepted, "refused": each.tally.refused, "refused_by_reason": each.tally.reasons}
        for each in (before, after)
    ]
    if as_json:
        print_json({"old": counts[0], "new": counts[1], "differences": found})
    else:
        for name, count in zip(("old", "new"), counts, strict=True):
            out.print(f"{name}: {count['accepted']} events, {count['refused']} refused", highlight=False)
        rows = [
            (each["what"], each["booking"], each["rule"], _stretches(each["before"]), _stretches(each["after"]))
            for each in found
        ]
        print_table(f"{len(rows)} findings would differ", ("what", "booking", "rule", "before", "after"), rows)
    raise typer.Exit(int(Exit.FOUND if found else Exit.DONE))


def _stretches(found: list[Found]) -> str:
    return "; ".join(f"{status}, {since} to {until or 'now'}" for since, until, status in found)


@app.command()
def roster(
    name: Annotated[str, typer.Argument(help="A source of the settings whose mapping reads the file.")],
    file: Annotated[
        Path | None, typer.Argument(help="Full roster to compare now; else only what stands is told.")
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Compare a full roster with who is in custody here. Differences are recorded; nothing is ever applied.

    Exit status: 0 no difference; 1 some; 2 usage; 3 cannot decide.
    """
    with opened_installation(settings) as installation:
        ports = connect_ports(installation, WallClock())
        source = next((each for each in installation.settings.sources if each.name == name), None)
        if source is None:
            fail(Exit.USAGE, f"no [[sources]] table is named {name}")
        if file is not None:
            if not isinstance(source, Mapped):
                fail(Exit.USAGE, f"source {name} has no mapping of tables")
            (path,) = _there([file])
            compare_file(name, path, _loaded(source.mapping), ports)
        standing = sorted(ports.sources.differences(name).items())
    rows = [(each.kind.value, each.booking, each.about, text_of(since)) for each, since in standing]
    if as_json:
        print_json([dict(zip(("kind", "booking", "about", "since"), row, strict=True)) for row in rows])
    else:
        print_table(f"{len(rows)} differences stand", ("kind", "booking", "about", "since (UTC)"), rows)
    raise typer.Exit(int(Exit.FOUND if rows else Exit.DONE))


def _inputs(mapping: Path, files: list[Path]) -> Iterator[Input]:
    if is_for_documents(mapping):
        return documents(files, loaded_documents(mapping))
    return history(files, Mapper(_loaded(mapping)))


def _loaded(file: Path) -> MappingFile:
    try:
        return load_mapping(file)
    except MappingFileError as error:
        fail(Exit.USAGE, str(error))


def _there(files: list[Path]) -> list[Path]:
    for file in files:
        if not file.is_file():
            fail(Exit.USAGE, f"{file}: no such file")
    return files


@app.command()
def run(
    names: Annotated[
        list[str] | None, typer.Argument(help="Connectors by name; all of them, if none is named.")
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Run the connectors of the settings, beside `holdwatch run`. Stops cleanly on SIGTERM and SIGINT."""
    loaded = load_settings(settings)
    configure_logs(loaded.logging.level)
    with opened_installation(settings) as installation:
        asyncio.run(_serve(installation, names or []))


async def _serve(installation: Installation, names: list[str]) -> None:
    taker = Taker(connect_ports(installation, WallClock()))
    feeds = feeds_of(installation.settings, taker, names)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, taker.stopping.set)
    await serve(feeds, taker)


def _print(report: dict[str, Any], told: DryRun, *, show_events: bool) -> None:
    for note in told.notes:
        out.print(note, highlight=False, markup=False)
    out.print(f"{report['records']} records, {report['events']} events, {report['repeated']} repeated", highlight=False)
    print_table("events by rule", ("rule", "events"), list(report["rules"].items()))
    if report["refusals"]:
        rows = [tuple(each.values()) for each in report["refusals"]]
        print_table(f"{len(rows)} refused", ("place", "reason", "message"), rows[:_SHOWN])
        if len(rows) > _SHOWN:
            out.print(f"and {len(rows) - _SHOWN} more; --json prints all", highlight=False)
    for table, codes in report["codes_unmapped"].items():
        print_table(f"codes that [tables.{table}] does not list", ("code", "records"), list(codes.items()))
    for column, values in report["values_unmatched"].items():
        print_table(f"values of {column} that no rule lists", ("value", "records"), list(values.items())[:_SHOWN])
    if rows_without := report["notes"].get(NoteCode.NO_HOLD.value):
        out.print(f"{rows_without} records are read for what keeps the person, and gave no hold", highlight=False)
    print_table("columns that the mapping reads", ("column", "not empty"), list(report["columns_used"].items()))
    if report["columns_unused"]:
        print_table("columns that it does not read", ("column", "not empty"), list(report["columns_unused"].items()))
    if report["columns_missing"]:
        out.print(f"never there: {', '.join(report['columns_missing'])}", highlight=False, markup=False)
    if show_events:
        print_json(told.events)
