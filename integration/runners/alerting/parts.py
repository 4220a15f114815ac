"""What the alerting process is made of, from the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry

from connectors.alerting import AckPage, AlertRoute, Alerts
from connectors.channels import KEEP_STATE, open_channel
from connectors.notice import Channel
from integration.audit.keyfile import write_key
from integration.bootstrap import packs_of
from integration.domain.alerts.routes import Duty, Route, Step
from integration.domain.instants import MINUTE, NEVER, SECOND, Instant
from integration.domain.parameters import Parameters
from integration.errors import FatalError, UsageError
from integration.metrics import AlertMetrics
from integration.policy.pack import Pack
from integration.runners.alerting.calendars import Calendars
from integration.runners.alerting.owing import duties_of
from integration.services.acklinks import AckLinks, new_key
from integration.services.alertacts import AlertActs
from integration.services.alertfigures import FigureStore
from integration.services.alerting import Alerting, Plans
from integration.services.alertsaying import Saying
from integration.services.alertwords.compose import Words, words
from integration.services.auditing import AuditDesk
from integration.services.desk import PackFor
from integration.services.ports import Changes
from integration.settings import Settings
from integration.store.alertacts import SqlAlertActs
from integration.store.alertfigures import SqlAlertFigures
from integration.store.alertlock import AlertLock
from integration.store.database import open_engine
from integration.store.migrate import migrate
from integration.store.sidepulse import SidePulse
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault
from schemas.kinds import Severity
from schemas.refusals import InvalidEventError

_NO_PAGE: Final = AckPage(url="http://127.0.0.1", port=0)


@dataclass(frozen=True, slots=True)
class Parts:
    """An alerting process, taken apart. Everything but the channels and the words belongs to one thread."""

    settings: Settings
    alerting: Alerting
    saying: Saying
    lock: AlertLock
    calendars: Calendars
    channels: Mapping[str, Channel]
    words: Words
    links: AckLinks
    open_acts: Callable[[], "Acts"]
    """A second way to the database, for the thread that serves the page."""
    close: Callable[[], None]
    """Gives the database's connections back."""
    pulse: SidePulse
    figures: FigureStore
    metrics: AlertMetrics

    def saying_over(self, store: SqlAlertActs) -> Saying:
        """Return what puts notices together from another way to the database, without links: for the page."""
        return replace(self.saying, store=store, link=lambda _notice: None)


@dataclass(frozen=True, slots=True)
class Acts:
    """What people's acts go through: for one thread."""

    acts: AlertActs
    store: SqlAlertActs
    close: Callable[[], None]

    @staticmethod
    def nothing() -> Changes:
        """Return what an act writes that leaves nothing but its entry."""
        return Changes()


def alerts_of(settings: Settings) -> Alerts:
    """Return the settings of alerting.

    Raises:
        UsageError: there are none.
    """
    if settings.alerts is None:
        raise UsageError("nobody would be told: the settings have no [alerts] (docs/alerting.md)")
    return settings.alerts


def parts_of(settings: Settings, now: Callable[[], Instant]) -> Parts:
    """Put an alerting process together.

    Args:
        settings: of the installation.
        now: gives the current time.

    Raises:
        UsageError: there are no settings of alerts; a secret, certificate or calendar cannot be used.
        PolicyPackError: a pack does not load.
        TransientError, FatalError: the database fails.
    """
    alerts = alerts_of(settings)
    pack_for, packs = packs_of(settings)
    names = [each.name for each in alerts.receivers]
    calendars = Calendars(alerts.shifts, settings.facilities[0].zone, names, now())
    channels = {each.name: open_channel(each) for each in alerts.receivers}
    links = links_of(settings)
    store, rows = _open(settings)
    desk = _desk(settings, store, now)
    patience = alerts.duties.patience
    keepers = frozenset(each.name for each in alerts.receivers if each.channel in KEEP_STATE)
    plans = Plans(
        tuple(map(_route, alerts.routes)),
        calendars.duty,
        bounds_of(alerts),
        patience,
        alerts.silences.most_in_a_row,
        keepers,
    )
    duties = duties_of(settings, store.engine, desk, pack_for, now)
    alerting = Alerting(rows, desk, plans, lambda at: duties.owing(patience, at))
    saying = Saying(
        store=rows,
        site=settings.site.name,
        zones={each.source: each.zone for each in settings.facilities},
        terms=alerting.terms,
        parameters=partial(_parameters, pack_for, {pack.revision: pack for pack in packs}),
        link=links.link if alerts.page is not None else lambda _notice: None,
    )
    return Parts(
        settings=settings,
        alerting=alerting,
        saying=saying,
        lock=AlertLock(store.engine, settings.site.state_dir),
        calendars=calendars,
        channels=channels,
        words=words(packs),
        links=links,
        open_acts=partial(open_acts, settings, now),
        close=store.close,
        pulse=SidePulse(settings.beat_file("alerting")),
        figures=SqlAlertFigures(store.engine),
        metrics=AlertMetrics(CollectorRegistry()),
    )


def open_acts(settings: Settings, now: Callable[[], Instant]) -> Acts:
    """Open what people's acts go through."""
    store, rows = _open(settings)
    return Acts(AlertActs(rows, _desk(settings, store, now), now), rows, store.close)


def _open(settings: Settings) -> tuple[SqlStore, SqlAlertActs]:
    engine = open_engine(settings.database_url)
    migrate(engine)
    # Refused inputs are none of its business: it cannot open them.
    return SqlStore(engine, Vault.throwaway()), SqlAlertActs(engine)


def _desk(settings: Settings, store: SqlStore, now: Callable[[], Instant]) -> AuditDesk:
    return AuditDesk(store, place=settings.site.name, now=now, beside=settings.kafka is not None)


def links_of(settings: Settings) -> AckLinks:
    """Return what makes and reads the links of notices; makes the key if there is none.

    Raises:
        FatalError: the key can be read by others.
    """
    page = alerts_of(settings).page or _NO_PAGE
    path = settings.key_file("alerts")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        write_key(path, new_key())
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise FatalError(f"{path} can be read by others: chmod 600 it") from None
    return AckLinks(path.read_bytes(), page.url, int(page.valid_minutes * MINUTE))


def bounds_of(alerts: Alerts) -> dict[Severity, int]:
    """Return how long a silence may last, by severity."""
    silences = alerts.silences
    return {
        Severity.VIOLATION: int(silences.violation_minutes * MINUTE),
        Severity.WARNING: int(silences.warning_minutes * MINUTE),
        Severity.ADVICE: int(silences.advice_minutes * MINUTE),
    }


def plans_of(settings: Settings) -> Plans:
    """Return routes and bounds, with nobody on duty: for commands, which only look which route it is."""
    alerts = alerts_of(settings)
    nobody = Duty(lambda _name, _at: (), lambda _name, _after: NEVER)
    return Plans(tuple(map(_route, alerts.routes)), nobody, bounds_of(alerts))


def _route(route: AlertRoute) -> Route:
    return Route(
        name=route.name,
        facilities=frozenset(route.facilities),
        rules=frozenset((*route.rules, *route.duties)),
        severities=frozenset(route.severities),
        steps=tuple(
            Step(tuple(each.receivers), tuple(each.shifts), int(each.wait_minutes * MINUTE)) for each in route.steps
        ),
        gather=int(route.gather_seconds * SECOND),
        window=int(route.window_minutes * MINUTE),
        repeat=int(route.repeat_minutes * MINUTE),
        reopen=int(route.reopen_minutes * MINUTE),
    )


def _parameters(pack_for: PackFor, packs: Mapping[str, Pack], source: str, revision: str, now: Instant) -> Parameters:
    pack = packs.get(revision)
    if pack is None:
        try:
            pack = pack_for(source, now)
        except InvalidEventError:  # No facility is set up for the feed any more; its findings are told all the same.
            pack = next(iter(packs.values()))
    return pack.parameters
