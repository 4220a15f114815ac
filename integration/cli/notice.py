"""``holdwatch notice``: the notice that a person in custody gets about an immigration paper, for print."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from connectors.jms_files.reader import read_file
from integration.cli.console import err
from integration.cli.opening import DEFAULT_SETTINGS, SettingsFile, opened_installation
from integration.clock import WallClock
from integration.errors import UsageError
from integration.policy.pack import Pack, load
from integration.services.intake import Input
from integration.services.notices.finding import Found, in_events, in_store, read_events
from integration.services.notices.languages import Language
from integration.services.notices.particulars import particulars
from integration.services.notices.printed import html_of
from integration.services.notices.sheet import Sheet, sheet
from integration.services.notices.typed import text_of


class Form(StrEnum):
    """How a notice is written."""

    HTML = "html"
    """For print."""
    TEXT = "text"


def notice(
    events: Annotated[
        Path | None, typer.Argument(help="JSON Lines file to take the booking from, in place of the installation.")
    ] = None,
    booking: Annotated[str | None, typer.Option(help="Booking number.")] = None,
    paper: Annotated[str, typer.Option(help="The paper: its hold id.")] = "",
    language: Annotated[Language, typer.Option(help="Language of the notice.")] = Language.ENGLISH,
    source: Annotated[str | None, typer.Option(help="Feed, where several have this booking number.")] = None,
    form: Annotated[Form, typer.Option("--format", help="HTML for print, or plain text.")] = Form.HTML,
    large: Annotated[bool, typer.Option("--large", help="Large print (HTML).")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", help="File to write. Standard output unless given.")] = None,
    policy: Annotated[str | None, typer.Option(help="With a file: pack id or folder.")] = None,
    zone: Annotated[str, typer.Option(help="With a file: the facility's IANA time zone.")] = "UTC",
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Write the notice about one immigration paper, with a receipt to sign.

    Exit status: 0 done; 2 usage, or the booking has no such paper; 3 the store or a pack fails.
    """
    if not paper:
        raise UsageError("which paper? Name its hold id with --paper")
    if events is not None:
        made = _from_events(events, booking, source, paper, policy, zone, language)
    else:
        made = _from_installation(settings, booking, source, paper, language)
    written = html_of(made, large=large) if form is Form.HTML else text_of(made)
    if out_file is not None:
        out_file.write_text(written, encoding="utf-8")
    else:
        sys.stdout.buffer.write(written.encode())
        sys.stdout.flush()


def _from_installation(
    settings: Path, booking: str | None, source: str | None, paper: str, language: Language
) -> Sheet:
    if booking is None:
        raise UsageError("which booking? Name its number with --booking")
    now = WallClock().now()
    with opened_installation(settings) as installation:
        known = {each.source: each for each in installation.settings.facilities}
        if source is not None and source not in known:
            raise UsageError(f"--source {source!r}: no facility is set up for this feed")
        found = in_store(installation.store, [source] if source else known, booking)
        facility = known[found.source]
        pack = installation.pack_for(found.source, now)
        return _sheet(found, paper, pack, ZoneInfo(facility.zone), language, facility.name)


def _from_events(
    path: Path,
    booking: str | None,
    source: str | None,
    paper: str,
    policy: str | None,
    zone: str,
    language: Language,
) -> Sheet:
    if policy is None:
        raise UsageError("a file says nothing of the policy: name the pack with --policy")
    try:
        local = ZoneInfo(zone)
    except (ValueError, KeyError, OSError):
        raise UsageError(f"--zone {zone}: no IANA time zone of that name") from None
    if not path.is_file():
        raise UsageError(f"{path} is no file")
    read = read_events(read_file(path, _no_documents))
    if read.refused:
        err.print(f"{read.refused} lines are no events and were passed over", markup=False, highlight=False)
    pack = load(Path(policy) if Path(policy).is_dir() else policy)
    return _sheet(in_events(read, booking, source), paper, pack, local, language)


def _no_documents(_place: str, _document: bytes) -> list[Input]:
    raise UsageError("notices are made from JSON Lines, not from XML documents")


def _sheet(found: Found, paper: str, pack: Pack, zone: ZoneInfo, language: Language, facility: str = "") -> Sheet:
    told = particulars(found.source, found.booking, found.facts, paper, pack)
    return sheet(told, language, zone, WallClock().now(), facility=facility)
