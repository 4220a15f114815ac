"""``holdwatch console``: the web console, a process beside the engine."""

import asyncio
import signal
from collections.abc import Callable

from integration.cli.console import out
from integration.cli.opening import DEFAULT_SETTINGS, SettingsFile, settings_of
from integration.console.parts import open_parts
from integration.console.serving import Serving


def console(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Serve the web console. Stops cleanly on SIGTERM and SIGINT."""
    loaded = settings_of(settings)
    parts = open_parts(loaded)
    try:
        serving = Serving(parts)
        url = loaded.console.url

        def ready() -> None:
            out.print(f"console at {url}, listening on port {serving.port}", markup=False, highlight=False)

        asyncio.run(_serve(serving, ready))
    finally:
        parts.close()


async def _serve(serving: Serving, ready: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.stop)
    await serving.run(ready)
