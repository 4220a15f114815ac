"""``holdwatch run``: the service in one process."""

import asyncio
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from integration.bootstrap import embedded_ports, open_installation, open_pulse
from integration.clock import WallClock
from integration.logs import configure_logs
from integration.runners.alerting.process import beside
from integration.runners.alone import alone
from integration.runners.embedded import Embedded
from integration.runners.living import living
from integration.runners.memory import tune_collector
from integration.runners.servicemanager import told
from integration.settings import Settings, load_settings
from integration.store.pulse import MarkedStore, Pulse

SettingsFile = Annotated[Path, typer.Option("--settings", help="Settings file.", envvar="HOLDWATCH_SETTINGS")]
DEFAULT_SETTINGS = Path("holdwatch.toml")
_STILL = 20.0
"""Seconds without a heartbeat after which the service manager gets no sign of life either."""


def run(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Watch the drop folders, raise findings, keep the log; with [alerts] in the settings, tell people, too.

    Stops cleanly on SIGTERM and SIGINT.
    """
    # Until the service listens for it itself: nothing has been begun, so there is nothing to finish.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    loaded = load_settings(settings)
    configure_logs(loaded.logging.level)
    # Before the heartbeat, which is the other one's as long as it runs.
    with alone(loaded.site.state_dir, "engine"):
        pulse = open_pulse(loaded)
        with living(pulse):
            _serve(loaded, pulse)


def _serve(settings: Settings, pulse: Pulse) -> None:
    installation = open_installation(settings, partial(MarkedStore, pulse))
    tune_collector()

    async def serve() -> None:
        service = Embedded(embedded_ports(installation, WallClock(), pulse))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, service.stop)

        def stop() -> None:
            loop.call_soon_threadsafe(service.stop)

        with beside(settings, stop):
            async with told(lambda: pulse.still_for < _STILL):
                await service.run()

    try:
        asyncio.run(serve())
    finally:
        installation.store.close()
