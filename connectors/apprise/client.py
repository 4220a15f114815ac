"""Handing notices to services through Apprise, which is loaded only where it is used."""

import asyncio
import importlib
import logging
from types import ModuleType
from typing import Any, Final

import structlog

from connectors.apprise.config import AppriseSettings
from connectors.notice import PATIENCE, Act, Notice, PassingSendError, Patience, Why
from connectors.secret import read_secret
from integration.errors import UsageError
from schemas.kinds import Severity

_log = structlog.get_logger()
_TYPES: Final = {Severity.VIOLATION: "failure", Severity.WARNING: "warning", Severity.ADVICE: "info"}


class AppriseChannel:
    """Some services. Apprise sends; trying again is ours."""

    def __init__(self, settings: AppriseSettings, patience: Patience = PATIENCE) -> None:
        """Load Apprise and read the URLs.

        Raises:
            UsageError: Apprise is not installed, or a URL is none that it knows; only the line's number is told.
        """
        self.name = settings.name
        self._patience = patience
        self._seconds = settings.timeout_seconds
        apprise = _loaded()
        # Its own log would repeat parts of URLs and of what services answer.
        logger = logging.getLogger("apprise")
        logger.propagate = False
        logger.handlers = [logging.NullHandler()]
        lines = [line.strip() for line in read_secret(settings.urls_file).splitlines()]
        urls = {at: line for at, line in enumerate(lines, start=1) if line and not line.startswith("#")}
        self._services = []
        for at, url in urls.items():
            service = apprise.Apprise(asset=_asset(apprise, settings.timeout_seconds))
            if not service.add(url):
                raise UsageError(f"{settings.urls_file}: line {at} is no Apprise URL")
            self._services.append(service)
        if not self._services:
            raise UsageError(f"{settings.urls_file} holds no URL")

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`. Taken once at least one service has taken it.

        Apprise does not say whether a refusal is for good, so each is tried again, within bounds.
        """
        waiting = list(self._services)
        try:
            async for attempt in self._patience.tries():
                with attempt:
                    await self._round(waiting, notice)
        except PassingSendError:
            if len(waiting) == len(self._services):
                raise
            _log.warning("apprise.services_missed", channel=self.name, count=len(waiting))

    async def _round(self, waiting: list[Any], notice: Notice) -> None:
        taken = await asyncio.gather(*(self._once(service, notice) for service in waiting))
        waiting[:] = [service for service, yes in zip(waiting, taken, strict=True) if not yes]
        if waiting:
            raise PassingSendError(Why.FAILED)

    async def _once(self, service: Any, notice: Notice) -> bool:
        kind = "success" if notice.act is Act.CLOSED else _TYPES[notice.severity]
        told = service.async_notify(body=notice.text, title=notice.title, notify_type=kind, body_format="text")
        try:
            return bool(await asyncio.wait_for(told, self._seconds + 1))
        except TimeoutError:
            return False

    async def close(self) -> None:
        """Nothing is kept open."""


def _loaded() -> ModuleType:
    try:
        return importlib.import_module("apprise")
    except ImportError:
        raise UsageError("the channel needs Apprise: pip install '.[apprise]' in a checkout") from None


def _asset(apprise: ModuleType, seconds: float) -> Any:
    return apprise.AppriseAsset(
        app_id="holdwatch",
        app_desc="holdwatch",
        storage_mode="memory",
        secure_logging=True,
        interpret_emojis=False,
        service_timeout=seconds,
        default_service_retry=0,
    )
