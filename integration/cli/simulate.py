"""``holdwatch simulate``: invented jails, written to files or fed to a running service, to try things on."""

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from integration.cli.console import Exit, err, fail, out, print_json, print_table, progress
from integration.settings import load_settings
from integration.simulator import SimulationParams, facilities, timed
from integration.simulator.pace import Pace
from integration.simulator.sinks import Sink, ToFile, ToFolder, ToService, ToStream, closing
from integration.simulator.site import settings_for

_TYPE_FROM: Final = len(b'{"specversion":"1.0","type":"')
_STDOUT: Final = "-"
_HOUR: Final = 3_600_000
"""Milliseconds."""
_DEFAULTS: Final = SimulationParams()
_START: Final = _DEFAULTS.start.isoformat()
_PACK: Final = "lansing-eo-2017-01"

_To = Annotated[str | None, typer.Option("--out", help="File, or folder (one file a day), or - for standard output.")]
_ToKafka = Annotated[
    Path | None, typer.Option("--to-kafka", help="Instead: settings of the installation whose workers to feed.")
]
_Seed = Annotated[int, typer.Option(help="The same seed and options give the same bytes.")]
_Jails = Annotated[int, typer.Option("--facilities", help="Number of jails.")]
_Bookings = Annotated[float, typer.Option(help="Mean over all jails together.")]
_Start = Annotated[str, typer.Option(help="First day; it begins at midnight UTC.")]
_Duplicates = Annotated[float, typer.Option(help="Share of events delivered twice.")]
_Lateness = Annotated[float, typer.Option(help="Share of events recorded late.")]
_Window = Annotated[int, typer.Option(help="Seconds by which delivery mixes up the order.")]
_Immigration = Annotated[float, typer.Option(help="Share of bookings with an immigration paper.")]
_HoldingOn = Annotated[float, typer.Option(help="Share of releases under a detainer at which the jail holds on.")]
_Canary = Annotated[str, typer.Option(help="Text to put into every name, to look for in outputs.")]
_RunOut = Annotated[bool, typer.Option("--run-out", help="Let the last bookings run to their end.")]
_ByJail = Annotated[bool, typer.Option("--by-facility", help="A folder for each jail, below the one given.")]
_Speed = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Feed a service that watches the folder: small files, so many simulated seconds a second. "
        "0: as fast as it takes them away. With --to-kafka 0 if not given.",
    ),
]
_SettingsTo = Annotated[Path | None, typer.Option("--write-settings", help="Write settings for such a service first.")]
_Policy = Annotated[str, typer.Option(help="Policy pack of every jail in those settings.")]
_Json = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


def simulate(
    to: _To = None,
    to_kafka: _ToKafka = None,
    seed: _Seed = _DEFAULTS.seed,
    jails: _Jails = _DEFAULTS.facilities,
    bookings_per_day: _Bookings = _DEFAULTS.bookings_per_day,
    days: Annotated[int, typer.Option(help="Number of days.")] = _DEFAULTS.days,
    start: _Start = _START,
    duplicates: _Duplicates = _DEFAULTS.duplicates,
    lateness: _Lateness = _DEFAULTS.lateness,
    shuffle_window: _Window = _DEFAULTS.shuffle_window,
    immigration: _Immigration = _DEFAULTS.immigration,
    holding_on: _HoldingOn = _DEFAULTS.holding_on,
    canary: _Canary = "",
    run_out: _RunOut = False,
    by_facility: _ByJail = False,
    speed: _Speed = None,
    write_settings: _SettingsTo = None,
    policy: _Policy = _PACK,
    as_json: _Json = False,
) -> None:
    """Write the events of invented jails, or feed them to a running service: nobody in them exists.

    A new version of this program may write other events for the same seed.
    Exit status: 0 done; 2 usage; 3 a file cannot be written.
    """
    params = SimulationParams(
        seed=seed,
        facilities=jails,
        bookings_per_day=bookings_per_day,
        days=days,
        start=_date(start),
        duplicates=duplicates,
        lateness=lateness,
        shuffle_window=shuffle_window,
        immigration=immigration,
        holding_on=holding_on,
        canary=canary,
        run_out=run_out,
    )
    if to == _STDOUT and as_json:
        fail(Exit.USAGE, "--json and --out - would both write to standard output")
    if to_kafka is not None:
        if to is not None or by_facility or write_settings is not None:
            fail(Exit.USAGE, "--to-kafka goes with --speed alone, not with --out, --by-facility or --write-settings")
        to, sink = _topic(to_kafka, speed or 0)
    elif to is None:
        fail(Exit.USAGE, "where to? --out FILE, --out FOLDER/, --out - or --to-kafka SETTINGS")
    else:
        sink = _sink(to, params, by_facility=by_facility, speed=speed)
    if write_settings is not None:
        _write_settings(write_settings, to, sink, params, by_facility=by_facility, policy=policy)
    counts = _write(params, sink, shown=not as_json)
    if to != _STDOUT:
        _tell(params, counts, to, as_json=as_json)


def _write(params: SimulationParams, to: Sink, *, shown: bool) -> Counter[bytes]:
    """Write every line; returns how many of each type there were."""
    counts: Counter[bytes] = Counter()
    total, hour, first = params.days * 24, -1, 0
    with progress("hours simulated", total, shown=shown) as on_progress, closing(to) as sink:
        for at, line in timed(params, on_day=sink.end_day):
            counts[line[_TYPE_FROM : line.index(b'"', _TYPE_FROM)]] += 1
            sink.write(at, line)
            if at // _HOUR != hour:
                first = at // _HOUR if hour < 0 else first
                hour = at // _HOUR
                on_progress(min(total, hour - first))
        on_progress(total)
    return counts


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(Exit.USAGE, f"--start {text}: not a date like {_START}")


def _sink(to: str, params: SimulationParams, *, by_facility: bool, speed: float | None) -> Sink:
    path = Path(to)
    if to != _STDOUT and (by_facility or speed is not None or to.endswith("/") or path.is_dir()):
        if path.is_file():
            fail(Exit.USAGE, f"--out {to}: is a file; --by-facility and --speed write to a folder")
        if speed is None:
            return ToFolder(path, params.start, by_jail=by_facility)
        return ToService(path, Pace(speed), by_jail=by_facility, on_waiting=lambda: _wait(to))
    if by_facility or speed is not None:
        fail(Exit.USAGE, "--by-facility and --speed write to a folder, not to standard output")
    return ToStream(sys.stdout.buffer) if to == _STDOUT else ToFile(path)


def _topic(file: Path, speed: float) -> tuple[str, Sink]:
    """Return the topic that an installation's workers read, and what writes to it."""
    from connectors.kafka.plans import Topic  # noqa: PLC0415  the client library is an extra, and slow to load
    from integration.simulator.topic import ToTopic  # noqa: PLC0415

    kafka = load_settings(file).kafka
    if kafka is None:
        fail(Exit.USAGE, f"--to-kafka {file}: has no table [kafka]")
    return kafka.topic(Topic.EVENTS), ToTopic(kafka, Pace(speed))


def _wait(to: str) -> None:
    err.print(f"waiting until a service has taken files away from {to}", highlight=False, markup=False)


def _write_settings(
    file: Path, to: str, sink: Sink, params: SimulationParams, *, by_facility: bool, policy: str
) -> None:
    """Write settings for a service that watches the folder. Existing ones are somebody's: they stay."""
    if isinstance(sink, ToFile | ToStream):
        fail(Exit.USAGE, "--write-settings is for a service that watches a folder: give one as --out")
    state = file.parent.absolute() / "state"
    text = settings_for(params, Path(to).absolute(), by_jail=by_facility, state=state, pack=policy)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        fail(Exit.USAGE, f"--write-settings {file}: is there already")
    err.print(f"settings written: holdwatch run --settings {file}", highlight=False, markup=False)


def _tell(params: SimulationParams, counts: Counter[bytes], to: str, *, as_json: bool) -> None:
    by_type = {kind.decode(): counts[kind] for kind in sorted(counts)}
    summary: dict[str, Any] = {
        "lines": counts.total(),
        "by_type": by_type,
        "facilities": [{"source": each.source, "zone": each.zone} for each in facilities(params)],
        "written_to": to,
    }
    if as_json:
        print_json(summary)
        return
    print_table("lines by type", ("type", "lines"), [(kind, f"{count:,}") for kind, count in by_type.items()])
    out.print(f"{counts.total():,} lines written to {to}", highlight=False, markup=False)
