"""``holdwatch duties``: what people owe, by due time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from integration.audit.entry import text_of
from integration.bootstrap import packs_of
from integration.cli.console import out, print_json, print_table
from integration.cli.opening import DEFAULT_SETTINGS, Actor, AsJson, SettingsFile, actor_name, audit_desk, opened_log
from integration.clock import WallClock
from integration.domain.instants import SECOND
from integration.runners.alerting.owing import duties_of
from integration.services.duties import Duties, Duty, DutyKind
from integration.services.plain import duration
from integration.settings import Settings

app = typer.Typer(help="What people owe, by due time: list, done.", no_args_is_help=True)

_WORDS: Final = {
    DutyKind.NOTICE: "give the person a copy of the paper",
    DutyKind.CERTIFICATION: "decide the certification",
    DutyKind.APPROVAL_EXPIRES: "an approval ends: ask for another one, or let it end",
    DutyKind.AUDIT_REVIEW: "look through the audit log",
    DutyKind.QUARANTINE: "decide the messages that wait in the quarantine",
    DutyKind.DELIVERY_UNKNOWN: "find out whether the message has left",
    DutyKind.ACCOUNT_LOCKED: "ask the person, then unlock the account",
}


@contextmanager
def _duties(path: Path) -> Iterator[tuple[Settings, Duties]]:
    with opened_log(path) as log:
        settings, now = log.settings, WallClock().now
        pack_for, _ = packs_of(settings)
        yield settings, duties_of(settings, log.store.engine, audit_desk(log), pack_for, now)


@app.command("list")
def list_duties(settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """List what is owed: the first due first. Local times of the facility."""
    now = WallClock().now()
    with _duties(settings) as (loaded, duties):
        found = duties.listed()
    if as_json:
        print_json([_as_json(each, now) for each in found])
        return
    zones = {each.source: each.zone for each in loaded.facilities}
    rows = [_row(each, ZoneInfo(zones.get(each.source, loaded.facilities[0].zone)), now) for each in found]
    print_table(f"{len(rows)} duties", ("due", "", "what", "booking", "about", "rests on", "duty"), rows)


@app.command()
def done(
    duty: Annotated[str, typer.Argument(metavar="DUTY", help="As listed, in the last column.")],
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Note that a certification or a review of the log is done. The log has who said so."""
    with _duties(settings) as (_, duties):
        duties.done(duty, actor_name(actor))
    out.print(f"{duty} is done", markup=False, highlight=False)


def _row(duty: Duty, zone: ZoneInfo, now: int) -> tuple[object, ...]:
    if duty.due_at is None:
        due, away = "no time named", ""
    else:
        due = f"{datetime.fromtimestamp(duty.due_at / SECOND, zone):%Y-%m-%d %H:%M %z}"
        seconds = abs(duty.due_at - now) // SECOND
        away = f"{duration(seconds)} late" if duty.due_at < now else f"in {duration(seconds)}"
    what = _WORDS[duty.kind] + (f" ({duty.waiting})" if duty.waiting > 1 else "")
    return due, away, what, duty.booking, duty.about, ", ".join(duty.rests_on), duty.duty_id


def _as_json(duty: Duty, now: int) -> dict[str, Any]:
    return {
        "duty": duty.duty_id,
        "kind": duty.kind.value,
        "source": duty.source,
        "booking": duty.booking,
        "about": duty.about,
        "due_at": None if duty.due_at is None else text_of(duty.due_at),
        "late": duty.due_at is not None and duty.due_at < now,
        "rests_on": list(duty.rests_on),
        "waiting": duty.waiting,
    }
