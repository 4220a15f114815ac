"""Alerting with its page: as a process of its own, or in a thread beside the engine."""

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager

import structlog

from connectors.notice import Notice
from integration.clock import WallClock
from integration.domain.alerts.alert import mark
from integration.domain.alerts.said import CaseState
from integration.errors import FatalError, UsageError
from integration.runners.alerting.alerter import Alerter
from integration.runners.alerting.lanes import worded
from integration.runners.alerting.page import QUIET, AckPage, served
from integration.runners.alerting.parts import Acts, Parts, alerts_of, parts_of
from integration.runners.worker.http import served as metrics_served
from integration.settings import Settings

_log = structlog.get_logger()


@contextmanager
def serving(settings: Settings) -> Iterator[Alerter]:
    """Put alerting together and serve its page; the caller runs it.

    Raises:
        UsageError, FatalError, PolicyPackError: see `parts.parts_of`; nobody may listen at the page's address.
    """
    clock = WallClock()
    parts = parts_of(settings, clock.now)
    alerter = Alerter(parts, clock.now)
    page = parts.settings.alerts.page if parts.settings.alerts else None
    with ExitStack() as stack:
        if page is not None:
            acts = parts.open_acts()
            stack.callback(acts.close)
            handled = _page(parts, acts, WallClock(), lambda: alerter.turned_at)
            port = stack.enter_context(served(page.address, page.port, handled))
            _log.info("alerts.page", address=page.address, port=port)
        alerts = alerts_of(settings)
        if alerts.metrics_port is not None:
            registry = parts.metrics.registry
            told = stack.enter_context(
                metrics_served(alerts.metrics_address, alerts.metrics_port, registry, lambda: _not_ready(alerter))
            )
            _log.info("alerts.metrics", address=alerts.metrics_address, port=told)
        yield alerter


def _not_ready(alerter: Alerter) -> list[str]:
    still = time.monotonic() - alerter.turned_at
    return [f"no turn for {still:.0f} s"] if still > QUIET else []


def _page(parts: Parts, acts: Acts, clock: WallClock, turned_at: Callable[[], float]) -> AckPage:
    def look(token: str) -> tuple[Notice, list[str]]:
        now = clock.now()
        notice = acts.store.notice(parts.links.read(token, now))
        if notice is None:
            raise UsageError("there is no such notice")
        if acts.store.acked_by_link(notice.notice_id):
            raise UsageError("this link was used before")
        acts.acts.waiting(notice.alert_id)
        said = parts.saying_over(acts.store).said(notice, now)
        if said is None:
            raise UsageError("there is no such notice")
        shown = [mark(each.finding_id) for each in said.cases if each.state is CaseState.OPEN]
        return worded(parts.words, said), shown

    def acknowledge(token: str, name: str, shown: Collection[str]) -> str:
        return acts.acts.acknowledge_by_link(parts.links.read(token, clock.now()), name, shown)

    return AckPage(look, acknowledge, turned_at)


@contextmanager
def beside(settings: Settings, stop_engine: Callable[[], None]) -> Iterator[None]:
    """Alert from a thread of its own while the body runs; nothing where the settings leave that to another process.

    Args:
        settings: of the installation.
        stop_engine: called from that thread when alerting has failed. The error is raised here once the body is done:
            an engine whose findings reach nobody must not look as if it worked.
    """
    if settings.alerts is None or not settings.alerts.beside_engine:
        yield
        return
    failed: list[BaseException] = []
    ending = threading.Event()
    begun = threading.Event()
    running: list[tuple[Alerter, asyncio.AbstractEventLoop]] = []

    async def run(alerter: Alerter) -> None:
        running.append((alerter, asyncio.get_running_loop()))
        begun.set()
        await alerter.run()
        if not ending.is_set():
            raise FatalError("alerting has ended by itself: findings would reach nobody")

    def work() -> None:
        try:
            with serving(settings) as alerter:
                asyncio.run(run(alerter))
        except BaseException as error:  # noqa: BLE001  it is raised in the engine's thread
            failed.append(error)
            _log.error("alerts.ended", error=type(error).__name__)
            begun.set()
            stop_engine()

    thread = threading.Thread(target=work, name="alerting")
    thread.start()
    try:
        begun.wait()
        yield
    finally:
        ending.set()
        for alerter, loop in running:
            if not loop.is_closed():
                loop.call_soon_threadsafe(alerter.stop)
        thread.join()
    if failed:
        raise failed[0]
