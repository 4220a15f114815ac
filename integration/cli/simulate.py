"""``holdwatch simulate``: an invented county's feed, to try things on."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer

from integration.cli.console import Exit, fail, out, print_json, print_table, progress
from integration.simulator import SimulationParams, facilities
from integration.simulator import simulate as lines_of

_TYPE_FROM: Final = len(b'{"specversion":"1.0","type":"')
_STDOUT: Final = "-"
_DEFAULTS: Final = SimulationParams()
_START: Final = _DEFAULTS.start.isoformat()


def simulate(
    to: Annotated[str, typer.Option("--out", help="File, or folder (one file a day), or - for standard output.")],
    seed: Annotated[int, typer.Option(help="The same seed and options give the same bytes.")] = _DEFAULTS.seed,
    jails: Annotated[int, typer.Option("--facilities", help="Number of jails.")] = _DEFAULTS.facilities,
    bookings_per_day: Annotated[float, typer.Option(help="Mean over all jails together.")] = _DEFAULTS.bookings_per_day,
    days: Annotated[int, typer.Option(help="Number of days.")] = _DEFAULTS.days,
    start: Annotated[str, typer.Option(help="First day; it begins at midnight UTC.")] = _START,
    duplicates: Annotated[float, typer.Option(help="Share of events delivered twice.")] = _DEFAULTS.duplicates,
    lateness: Annotated[float, typer.Option(help="Share of events recorded late.")] = _DEFAULTS.lateness,
    shuffle_window: Annotated[
        int, typer.Option(help="Seconds by which delivery mixes up the order.")
    ] = _DEFAULTS.shuffle_window,
    immigration: Annotated[
        float, typer.Option(help="Share of bookings with an immigration paper.")
    ] = _DEFAULTS.immigration,
    holding_on: Annotated[
        float, typer.Option(help="Share of releases under a detainer at which the jail holds on.")
    ] = _DEFAULTS.holding_on,
    canary: Annotated[str, typer.Option(help="Text to put into every name, to look for in outputs.")] = "",
    run_out: Annotated[bool, typer.Option("--run-out", help="Let the last bookings run to their end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write the events of invented jails: nobody in them exists.

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
    counts: Counter[bytes] = Counter()
    with progress("days simulated", params.days, shown=not as_json) as on_progress, _opened(to, params) as sink:

        def on_day(day: int) -> None:
            sink.turn(day)
            on_progress(day)

        for line in lines_of(params, on_day=on_day):
            counts[line[_TYPE_FROM : line.index(b'"', _TYPE_FROM)]] += 1
            sink.write(line)
    if to != _STDOUT:
        _tell(params, counts, to, as_json=as_json)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(Exit.USAGE, f"--start {text}: not a date like {_START}")


class _Sink:
    """Where lines go. A file appears under its name only when it is whole, so that a watched folder is safe."""

    def __init__(self, to: str, params: SimulationParams) -> None:
        self._target = Path(to)
        self._daily = to.endswith("/") or self._target.is_dir()
        self._start = params.start
        self._day = 0
        self._file: BinaryIO | None = sys.stdout.buffer if to == _STDOUT else None
        self._stays_open = to == _STDOUT

    def write(self, line: bytes) -> None:
        file = self._file
        if file is None:
            path = self._part()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = file = path.open("wb", buffering=1 << 20)
        file.write(line + b"\n")

    def turn(self, day: int) -> None:
        """End a day: in a folder the next line opens the next file."""
        if self._daily:
            self.close()
        self._day = day

    def close(self) -> None:
        if self._stays_open:
            sys.stdout.flush()
        elif self._file is not None:
            self._file.close()
            self._file = None
            self._part().replace(self._path())

    def give_up(self) -> None:
        """Leave no half file behind."""
        if self._file is not None and not self._stays_open:
            self._file.close()
            self._part().unlink(missing_ok=True)

    def _path(self) -> Path:
        if not self._daily:
            return self._target
        return self._target / f"events-{self._start + timedelta(self._day)}.jsonl"

    def _part(self) -> Path:
        path = self._path()
        return path.with_name(f".{path.name}.part")


@contextmanager
def _opened(to: str, params: SimulationParams) -> Iterator[_Sink]:
    sink = _Sink(to, params)
    try:
        yield sink
    except BaseException:
        sink.give_up()
        raise
    sink.close()


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
