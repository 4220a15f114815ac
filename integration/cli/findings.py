"""``holdwatch findings``: who is held too long, and what else was found; the longest overdue first."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import orjson
import typer
from pydantic import ValidationError

from integration.audit.entry import text_of
from integration.cli.console import out, print_json, print_table
from integration.cli.opening import DEFAULT_SETTINGS, AsJson, SettingsFile, opened_log
from integration.clock import WallClock
from integration.domain.instants import SECOND, Instant
from integration.errors import UsageError
from integration.runners.output import FINDINGS, SUMMARY, finding_line
from integration.services import plain
from integration.services.ports import FindingRow
from integration.store.queries import Acknowledged
from schemas.base import instant_of
from schemas.kinds import Status
from schemas.outputs import FindingLine, Summary


class Shown(StrEnum):
    """Which findings to show."""

    OPEN = "open"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    ACKNOWLEDGED = "acknowledged"
    """About one moment, and somebody has taken note of it. Before that it is open."""


def findings(
    status: Annotated[Shown | None, typer.Option(help="Only those with this status.")] = None,
    booking: Annotated[str | None, typer.Option(help="Only those of this booking number.")] = None,
    from_dir: Annotated[Path | None, typer.Option("--from", help="Folder that a replay wrote.")] = None,
    zone: Annotated[str, typer.Option(help="With --from: IANA time zone to tell times in.")] = "UTC",
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Show findings of an installation, or of a replay's folder. Open ones first, the longest overdue on top."""
    if from_dir is not None:
        lines, now = _replayed(from_dir)
        shown_zone = _zone(zone)
        zones: dict[str, ZoneInfo] = {}
        chosen = [line for line in lines if _wanted(line, status, booking)]
    else:
        with opened_log(settings) as log:
            dealt_with = log.records.acknowledged()
            lines = [_told(row, dealt_with.get(row.finding_id)) for row in log.records.findings(booking=booking)]
            chosen = [line for line in lines if _wanted(line, status, booking)]
            zones = {each.source: ZoneInfo(each.zone) for each in log.settings.facilities}
        shown_zone = ZoneInfo("UTC")
        now = WallClock().now()

    def zone_of(source: str) -> ZoneInfo:
        return zones.get(source, shown_zone)

    chosen.sort(key=lambda line: (line.acknowledged_at is not None, *plain.urgency(line)))
    if as_json:
        print_json([line.model_dump(mode="json", exclude_unset=True) for line in chosen])
    else:
        _print(chosen, zone_of, now)


def _replayed(folder: Path) -> tuple[list[FindingLine], Instant | None]:
    """Read a replay's findings, and where its time ended (None where its summary does not tell)."""
    try:
        with (folder / FINDINGS).open("rb") as stream:
            lines = [FindingLine.model_validate_json(line) for line in stream]
        told = Summary.model_validate_json((folder / SUMMARY).read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{folder} holds no replay: {Path(error.filename).name} is missing") from None
    except ValidationError as error:
        raise UsageError(f"{folder} was not written by this version of replay: {error.error_count()} faults") from None
    return lines, None if told.until is None else instant_of(told.until)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise UsageError(f"--zone {name}: no IANA time zone of that name") from None


def _wanted(line: FindingLine, status: Shown | None, booking: str | None) -> bool:
    return (status is None or _status(line) == status.value) and booking in {None, line.booking}


def _told(row: FindingRow, dealt_with: Acknowledged | None) -> FindingLine:
    line = finding_line(row)
    if dealt_with is not None:
        line |= {"acknowledged_at": text_of(dealt_with.at), "acknowledged_by": dealt_with.by}
    return FindingLine.model_validate_json(orjson.dumps(line))


def _status(line: FindingLine) -> str:
    return line.status.value if line.acknowledged_at is None else Shown.ACKNOWLEDGED.value


def _print(lines: Iterable[FindingLine], zone_of: plain.Zone, now: Instant | None) -> None:
    rows = [
        (
            _status(line),
            line.severity.value,
            line.booking,
            plain.PLAIN[line.rule],
            plain.local_time(line.since, zone_of(line.source)),
            _how_long(line, now),
            ", ".join(line.provisions) or "-",
        )
        for line in lines
    ]
    if not rows:
        out.print("no findings")
        return
    columns = ("status", "severity", "booking", "what", "since (facility's time)", "how long", "provisions")
    print_table(f"{len(rows)} findings", columns, rows)


def _how_long(line: FindingLine, now: Instant | None) -> str:
    """Tell the stretch's length; of rules about one moment, how long ago that was."""
    end = now if line.until is None else instant_of(line.until)
    if end is None:
        return "still"
    seconds = max(0, end - instant_of(line.since)) // SECOND
    return plain.duration(seconds) + ("" if line.until is not None or line.status is not Status.OPEN else " so far")
