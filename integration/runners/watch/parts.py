"""What the watchdog is made of, from the settings: apart from the engine's parts, so that neither loads the other's."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.channels import open_channel
from connectors.command.client import CommandChannel
from connectors.email.client import EmailChannel
from connectors.http import HttpClient
from connectors.notice import Channel
from connectors.webhook.client import WebhookChannel
from integration.errors import UsageError
from integration.runners.watch.checks import Checks
from integration.runners.watch.looking import Looker
from integration.runners.watch.ping import Pinger
from integration.services.vitals import Limits, Part
from integration.services.watchbook import Pace
from integration.settings import Settings

_MISSED = 2.0
"""Looks. What passed beyond that between two of them was not seen."""
_ANSWERS_WITHIN = 5.0
"""Seconds that others have for an answer, however often they are looked at: a busy one is not an unreachable one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A watchdog, taken apart."""

    site: str
    zone: ZoneInfo
    settings: Settings
    limits: Limits
    pace: Pace
    looker: Looker
    channels: tuple[Channel, ...]
    last_resort: Channel | None
    checks: Checks
    pinger: Pinger | None

    async def close(self) -> None:
        """Give back what is kept open."""
        for channel in (*self.channels, *([self.last_resort] if self.last_resort else ())):
            await channel.close()
        for http in (self.checks.http, *([self.pinger.http] if self.pinger else ())):
            await http.close()


def parts_of(settings: Settings) -> Parts:
    """Put a watchdog together.

    Raises:
        UsageError: there is no channel, or a secret or certificate cannot be used.
    """
    watch = settings.watch
    if not watch.channel_names:
        kinds = "[[watch.webhooks]], [[watch.emails]], [[watch.receivers]] or [watch.command]"
        raise UsageError(f"nobody would be told: set up {kinds}")
    seconds = min(watch.look_every_seconds, 5.0)
    try:
        pinger = (
            Pinger(watch.ping, HttpClient(seconds=_ANSWERS_WITHIN, ca_file=watch.ping.ca_file)) if watch.ping else None
        )
    except OSError as error:
        raise UsageError(f"watch.ping.ca_file holds no certificate: {error.strerror}") from None
    return Parts(
        site=settings.site.name,
        # Whoever is told sits with the first facility; a time says its offset in any case.
        zone=ZoneInfo(settings.facilities[0].zone),
        settings=settings,
        limits=limits_of(settings),
        pace=Pace(watch.repeat_every_minutes * 60, watch.settle_seconds),
        looker=Looker(
            settings.heartbeat_file,
            settings.site.state_dir,
            settings.anchor_file,
            patience=min(seconds, 2.0),
            longest=_MISSED * watch.look_every_seconds + seconds,
            beside={part: settings.beat_file(part.value) for part in beside_of(settings)},
        ),
        channels=(
            *map(WebhookChannel, watch.webhooks),
            *map(EmailChannel, watch.emails),
            *map(open_channel, watch.receivers),
        ),
        last_resort=CommandChannel(watch.command) if watch.command else None,
        checks=Checks(watch.checks, HttpClient(seconds=_ANSWERS_WITHIN)),
        pinger=pinger,
    )


def beside_of(settings: Settings) -> frozenset[Part]:
    """Return what is to be alive here besides the engine: what the settings set up, unless they say otherwise."""
    watch = settings.watch
    wanted = {
        Part.ALERTING: settings.alerts is not None if watch.alerting is None else watch.alerting,
        Part.GATE: settings.gate is not None if watch.gate is None else watch.gate,
    }
    return frozenset(part for part, is_wanted in wanted.items() if is_wanted)


def limits_of(settings: Settings) -> Limits:
    """Return from when on something is told."""
    watch = settings.watch
    return Limits(
        engine=watch.engine,
        engine_silent=watch.engine_silent_after_seconds,
        beside=beside_of(settings),
        beside_silent=watch.beside_silent_after_seconds,
        log_unwritable=watch.log_unwritable_after_seconds,
        checkpoint_behind=watch.checkpoint_behind_after_seconds,
        disk_hanging=watch.disk_hanging_after_seconds,
        check_failing=watch.check_failing_after_seconds,
        disk_nearly_full_percent=watch.disk_nearly_full_percent,
        disk_full_bytes=watch.disk_full_megabytes << 20,
        disk_days_left=watch.disk_days_left,
        clock_behind=watch.clock_behind_seconds,
        sources={each.source: each.silent_after_minutes * 60 for each in settings.facilities},
    )
