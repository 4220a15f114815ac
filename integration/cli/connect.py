"""``holdwatch connect``: a mapping tried on a file, compared with another one, and the connectors themselves."""

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.jms_csv.encodings import detected
from connectors.mapping.apply import Mapper
from connectors.mapping.coverage import Coverage
from connectors.mapping.dryrun import DryRun, dry_run
from connectors.mapping.files import file_rows
from connectors.mapping.load import MappingFileError, load_mapping
from connectors.mapping.rows import all_inputs
from integration.bootstrap import Installation, connect_ports
from integration.cli.console import Exit, fail, out, print_json, print_table
from integration.cli.opening import DEFAULT_SETTINGS, SettingsFile, opened_installation
from integration.clock import WallClock
from integration.logs import configure_logs
from integration.runners.connect.build import feeds_of
from integration.runners.connect.run import serve
from integration.runners.connect.taker import Taker
from integration.settings import load_settings

app = typer.Typer(help="Connectors: try a mapping, compare two, run them.", no_args_is_help=True)

_SHOWN = 50


@app.command("test")
def try_mapping(
    mapping: Annotated[Path, typer.Argument(help="Mapping file.")],
    files: Annotated[list[Path], typer.Argument(help="Files as the jail's system writes them.")],
    show_events: Annotated[bool, typer.Option("--events", help="Print the events, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try a mapping on files: nothing is taken in.

    Tells the events it gives, what it refuses and why, which columns it reads and which codes it does not list.
    It prints codes as they stand in the file: it is for the screen of whoever may read the file.
    Exit status: 0 everything maps; 1 something is refused or a code is not listed; 2 the mapping has faults.
    """
    try:
        loaded = load_mapping(mapping)
    except MappingFileError as error:
        fail(Exit.USAGE, str(error))
    coverage = Coverage(loaded)
    mapper = Mapper(loaded, coverage)
    told = DryRun(coverage=coverage)
    inputs = []
    for file in files:
        if not file.is_file():
            fail(Exit.USAGE, f"{file}: no such file")
        raw = file.read_bytes()
        if loaded.input.format == "csv" and loaded.input.encoding == "detect":
            told.notes.append(f"{file}: read as {detected(raw)}; declare input.encoding if that is wrong")
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        inputs += list(all_inputs(str(file), file_rows(raw, loaded), mapper, observed=written))
    notes, told = told.notes, dry_run(inputs, coverage)
    told.notes = notes
    report = told.report()
    if as_json:
        print_json({**report, **({"event_list": told.events} if show_events else {})})
    else:
        _print(report, told, show_events=show_events)
    found = report["refusals"] or report["codes_unmapped"]
    raise typer.Exit(int(Exit.FOUND if found else Exit.DONE))


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
    print_table("columns that the mapping reads", ("column", "not empty"), list(report["columns_used"].items()))
    if report["columns_unused"]:
        print_table("columns that it does not read", ("column", "not empty"), list(report["columns_unused"].items()))
    if report["columns_missing"]:
        out.print(f"never there: {', '.join(report['columns_missing'])}", highlight=False, markup=False)
    if show_events:
        print_json(told.events)
