"""``holdwatch alerts``: run alerting, see what is open, acknowledge, silence, try receivers, hold an exercise."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer

from connectors.channels import open_channel
from integration.audit.entry import text_of
from integration.cli.console import Exit, err, out, print_json, print_table
from integration.cli.opening import (
    DEFAULT_SETTINGS,
    Actor,
    AsJson,
    SettingsFile,
    actor_name,
    settings_of,
)
from integration.clock import WallClock
from integration.domain.alerts.alert import Alert
from integration.domain.alerts.topics import DutyKind
from integration.domain.instants import SECOND, Instant
from integration.errors import UsageError
from integration.logs import configure_logs
from integration.runners.alerting.lanes import attempt
from integration.runners.alerting.parts import Acts, alerts_of, bounds_of, open_acts, plans_of
from integration.runners.alerting.process import serving
from integration.services import alertsaying
from integration.services.alertwords.compose import words
from integration.services.alertwords.lexicon import RULES
from integration.settings import Settings, load_settings
from schemas.kinds import Rule, Severity

app = typer.Typer(help="Alerts: run, list, acknowledge, silence, test, drill.", no_args_is_help=True)
AlertId = Annotated[str, typer.Argument(metavar="ALERT", help="As a notice or the list names it.")]
Facility = Annotated[str, typer.Option(help="The source of a facility's feed. Left out: the only one, or every one.")]


@app.command("run")
def run_alerts(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Tell people of findings until stopped. Several may run: one works, the others stand by."""
    loaded = load_settings(settings)
    configure_logs(loaded.logging.level)
    with serving(loaded) as alerter:

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, alerter.stop)
            await alerter.run()

        asyncio.run(run())


@contextmanager
def _acts(path: Any) -> Iterator[tuple[Settings, Acts]]:
    settings = settings_of(path)
    acts = open_acts(settings, WallClock().now)
    try:
        yield settings, acts
    finally:
        acts.close()


@app.command("list")
def list_alerts(settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """List the open alerts, the gravest and oldest first, and the silences that run."""
    now = WallClock().now()
    with _acts(settings) as (loaded, acts):
        alerts = sorted(acts.store.open_alerts(), key=_urgency)
        silences = acts.store.silences_at(now)
    if as_json:
        listed = [_as_json(each) for each in alerts]
        print_json({"alerts": listed, "silences": [_silence_as_json(each) for each in silences]})
        return
    rows = [_row(each, loaded, now) for each in alerts]
    columns = ("alert", "severity", "facility", "what", "bookings", "opened", "told", "acknowledged")
    print_table(f"{len(rows)} open alerts", columns, rows)
    if silences:
        quiet = [
            (each.silence_id, each.source or "all", each.rule or "all", each.booking or "all", text_of(each.end_at))
            for each in silences
        ]
        print_table(f"{len(quiet)} silences", ("silence", "facility", "rule", "booking", "until (UTC)"), quiet)


@app.command()
def show(alert: AlertId, settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """Show an alert: its findings, who was told when, and who acknowledged it."""
    with _acts(settings) as (_, acts):
        found = acts.store.alert(alert)
        if found is None:
            raise UsageError(f"there is no alert {alert}")
        notices, acks = acts.store.notices_of(alert), acts.store.acks_of(alert)
    if as_json:
        print_json(
            {
                **_as_json(found),
                "notices": [
                    {**row._asdict(), "told": orjson.loads(row.told), "new": orjson.loads(row.new)} for row in notices
                ],
                "acks": [{"by": row.by, "at": text_of(row.at), "by_link": row.notice_id is not None} for row in acks],
            }
        )
        return
    members = sorted(found.members.values(), key=lambda each: (each.added_at, each.finding_id))
    print_table(
        f"alert {alert}: {_plain(found)}" + (" (EXERCISE)" if found.drill else ""),
        ("finding", "booking", "since it is known (UTC)", "state"),
        [(each.finding_id, each.booking, text_of(each.added_at), each.state.value) for each in members],
    )
    columns = ("due (UTC)", "receiver", "why", "state", "changed (UTC)", "error")
    told = [
        (text_of(row.due_at), row.receiver, row.stage, row.state, text_of(row.changed_at), row.why) for row in notices
    ]
    print_table(f"{len(told)} notices", columns, told)
    print_table(f"{len(acks)} acknowledgements", ("at (UTC)", "by"), [(text_of(row.at), row.by) for row in acks])


@app.command()
def ack(alert: AlertId, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Take an alert on: nobody else is told until it is over, or until the acknowledgement runs out."""
    with _acts(settings) as (_, acts):
        covers = acts.acts.acknowledge(alert, actor_name(actor))
        left = sum(1 for _ in found.open_members()) - len(covers) if (found := acts.store.alert(alert)) else 0
    bookings = ", ".join(sorted({each.booking for each in covers} - {""}))
    out.print(
        f"alert {alert} is acknowledged with {len(covers)} findings{f': {bookings}' if bookings else ''}",
        markup=False,
        highlight=False,
    )
    if left > 0:
        out.print(f"{left} more joined that nobody was told of yet: you will be told", markup=False, highlight=False)


@app.command()
def silence(
    minutes: Annotated[float, typer.Option(help="For how long; the settings have a bound.")],
    reason: Annotated[str, typer.Option(help="Why. It goes into the log; no names.")],
    facility: Annotated[str, typer.Option(help="Only of this facility (its source).")] = "",
    rule: Annotated[Rule | None, typer.Option(help="Only of this rule.")] = None,
    duty: Annotated[DutyKind | None, typer.Option(help="Only of this kind of duty.")] = None,
    booking: Annotated[str, typer.Option(help="Only about this booking.")] = "",
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Tell nobody for a while. Alerts stay open; what the settings forbid to silence still rings."""
    with _acts(settings) as (loaded, acts):
        bounds = bounds_of(alerts_of(loaded))
        if facility:
            _zone_of(loaded, facility)
        if rule is not None and duty is not None:
            raise UsageError("--rule and --duty: nothing is both")
        row = acts.acts.silence(
            source=facility,
            rule=rule or duty,
            booking=booking,
            minutes=minutes,
            author=actor_name(actor),
            reason=reason,
            bounds=bounds,
        )
        renewed = acts.acts.renewed_by(row)
    out.print(f"silence {row.silence_id} until {text_of(row.end_at)}", markup=False, highlight=False)
    if renewed is not None:
        most = alerts_of(loaded).silences.most_in_a_row
        out.print(
            f"it renews silence {renewed.silence_id}: after {most} of the longest silences in a row it rings",
            markup=False,
            highlight=False,
        )


@app.command()
def unsilence(
    silence_id: Annotated[str, typer.Argument(metavar="SILENCE", help="As listed.")],
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """End a silence now."""
    with _acts(settings) as (_, acts):
        acts.acts.unsilence(silence_id, actor_name(actor))
    out.print(f"silence {silence_id} has ended", markup=False, highlight=False)


@app.command("test")
def try_receivers(
    receivers: Annotated[list[str] | None, typer.Argument(help="As the settings name them; all, if none is.")] = None,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Send a marked test through receivers, at once and without the database's queue. The log records it first.

    Exit status: 0 every one took it; 1 one did not.
    """
    with _acts(settings) as (loaded, acts):
        known = {each.name: each for each in alerts_of(loaded).receivers}
        chosen = receivers or [*known]
        if unknown := {*chosen} - known.keys():
            raise UsageError(f"there is no receiver {min(unknown)}; there are {', '.join(known)}")
        desk = acts.acts.desk
        entry = desk.entry("alert.tested", "queued", actor_name(actor), {"receivers": [*chosen]})
        desk.write(lambda: ([entry], acts.nothing()))
        outcomes = asyncio.run(_try(loaded, chosen))
    for name, why in outcomes.items():
        (err if why else out).print(f"{name}: {why or 'taken'}", markup=False, highlight=False)
    raise typer.Exit(int(Exit.FOUND if any(outcomes.values()) else Exit.DONE))


async def _try(settings: Settings, chosen: list[str]) -> dict[str, str]:
    known = {each.name: each for each in alerts_of(settings).receivers}
    facility, now, say = settings.facilities[0], WallClock().now(), words(())
    channels = {name: open_channel(known[name]) for name in chosen}

    async def one(name: str) -> str:
        notice_id = f"test-{time.time_ns():x}"
        said = alertsaying.trial(
            name, notice_id, now, site=settings.site.name, facility=facility.source, zone=facility.zone
        )
        why, _ = await attempt(channels[name], say(said))
        return why

    try:
        return dict(zip(chosen, await asyncio.gather(*map(one, chosen)), strict=True))
    finally:
        for channel in channels.values():
            await channel.close()


@app.command()
def drill(
    facility: Facility = "",
    rule: Annotated[Rule, typer.Option(help="What the made-up finding says.")] = Rule.OVERDUE_DETAINER_HOLD,
    severity: Annotated[Severity, typer.Option(help="How grave it is.")] = Severity.VIOLATION,
    wait_minutes: Annotated[float, typer.Option(min=0, help="For how long to wait for an acknowledgement.")] = 30.0,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Hold an exercise: a made-up finding goes through everything, marked in every notice; tell who answered when.

    Exit status: 0 somebody acknowledged it; 1 nobody did in time (it goes on until somebody does).
    """
    with _acts(settings) as (loaded, acts):
        source = facility or loaded.facilities[0].source
        _zone_of(loaded, source)
        plans = plans_of(loaded)
        alert = acts.acts.drill(
            source=source, rule=rule, severity=severity, by=actor_name(actor), route_of=plans.route_of
        )
        if not as_json:
            out.print(f"exercise {alert.alert_id} has begun", markup=False, highlight=False)
        until = time.monotonic() + 60 * wait_minutes
        while not (acks := acts.store.acks_of(alert.alert_id)) and time.monotonic() < until:
            time.sleep(0.5)
        notices = acts.store.notices_of(alert.alert_id)
    told = [
        (row.receiver, row.stage, row.state, _after(row.changed_at, alert), row.why)
        for row in sorted(notices, key=lambda each: (each.changed_at, each.receiver))
    ]
    answered = [(row.by, _after(row.at, alert)) for row in acks]
    if as_json:
        print_json({"alert": alert.alert_id, "notices": told, "acknowledged": answered})
    else:
        print_table(f"exercise {alert.alert_id}", ("receiver", "why", "state", "after (s)", "error"), told)
        for by, after in answered:
            out.print(f"acknowledged by {by} after {after} s", markup=False, highlight=False)
        if not answered:
            err.print("nobody has acknowledged it", markup=False, highlight=False)
    raise typer.Exit(int(Exit.DONE if answered else Exit.FOUND))


def _plain(alert: Alert) -> str:
    return RULES[alert.group.rule]


def _after(at: Instant, alert: Alert) -> float:
    return round((at - alert.opened_at) / SECOND, 1)


def _zone_of(settings: Settings, source: str) -> ZoneInfo:
    found = {each.source: each.zone for each in settings.facilities}
    if source not in found:
        raise UsageError(f"there is no facility {source}; there are {', '.join(found)}")
    return ZoneInfo(found[source])


def _urgency(alert: Alert) -> tuple[Any, ...]:
    ranks = (Severity.VIOLATION, Severity.WARNING, Severity.ADVICE)
    return alert.acked_at is not None, ranks.index(alert.group.severity), alert.opened_at, alert.alert_id


def _row(alert: Alert, settings: Settings, now: Instant) -> tuple[object, ...]:
    zones = {each.source: each.zone for each in settings.facilities}
    zone = ZoneInfo(zones.get(alert.group.source, settings.facilities[0].zone))
    bookings = sorted({each.booking for each in alert.open_members()})
    shown = ", ".join(bookings[:5]) + (f" and {len(bookings) - 5} more" if len(bookings) > 5 else "")  # noqa: PLR2004
    opened = datetime.fromtimestamp(alert.opened_at / SECOND, zone)
    acked = f"{alert.acked_by}, {(now - alert.acked_at) // (60 * SECOND)} min ago" if alert.acked_at else ""
    what = ("EXERCISE: " if alert.drill else "") + _plain(alert)
    told = ", ".join(alert.told) or "nobody yet"
    return (
        alert.alert_id,
        alert.group.severity.value,
        alert.group.source,
        what,
        shown,
        f"{opened:%Y-%m-%d %H:%M %z}",
        told,
        acked,
    )


def _as_json(alert: Alert) -> dict[str, Any]:
    group = alert.group
    return {
        "alert": alert.alert_id,
        "source": group.source,
        "rule": group.rule.value,
        "severity": group.severity.value,
        "route": group.route,
        "drill": alert.drill,
        "opened_at": text_of(alert.opened_at),
        "closed_at": None if alert.closed_at is None else text_of(alert.closed_at),
        "acked_by": alert.acked_by or None,
        "acked_at": None if alert.acked_at is None else text_of(alert.acked_at),
        "step": alert.step + 1,
        "cycle": alert.cycle,
        "told": list(alert.told),
        "findings": [
            {"finding_id": each.finding_id, "booking": each.booking, "state": each.state.value}
            for each in alert.members.values()
        ],
    }


def _silence_as_json(row: Any) -> dict[str, Any]:
    return {**row._asdict(), "start_at": text_of(row.start_at), "end_at": text_of(row.end_at)}
