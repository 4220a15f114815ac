"""``holdwatch gate run``: the mail gateway, a process of its own."""

import asyncio
import signal
import sys
from typing import Annotated

import typer

from connectors.smtp_gateway.passwords import hashed
from integration.bootstrap import open_installation
from integration.cli.console import out
from integration.cli.opening import DEFAULT_SETTINGS, SettingsFile
from integration.logs import configure_logs
from integration.runners.alone import alone
from integration.runners.gateway.beside import followed_roster, other_roads
from integration.runners.gateway.examiners import examiners
from integration.runners.gateway.gateway import Gateway
from integration.runners.gateway.parts import gate_parts, gate_settings, open_lines
from integration.runners.living import reason_of
from integration.settings import load_settings
from integration.store.sidepulse import SidePulse


def run(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Take mail in, and requests over HTTP and Kafka; judge them; send on what may leave.

    Stops cleanly on SIGTERM and SIGINT.
    """
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    loaded = load_settings(settings)
    configure_logs(loaded.logging.level)
    lines = open_lines(gate_settings(loaded))
    loaded.site.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        alone(loaded.site.state_dir, "gateway"),
        followed_roster(gate_settings(loaded), metrics=True) as roster,
        examiners(gate_settings(loaded).examiners) as examine,
    ):
        installation = open_installation(loaded)
        parts = gate_parts(installation, roster=roster, examine=examine)
        pulse = SidePulse(loaded.beat_file("gate"))

        async def serve() -> None:
            gateway = Gateway(parts, lines, pulse)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, gateway.stop)
            async with other_roads(parts):
                await gateway.run()

        try:
            asyncio.run(serve())
            pulse.stop()
        except Exception as error:
            pulse.stop(reason_of(error))
            raise
        finally:
            parts.close()
            installation.checkpointer.publish()
            installation.store.close()


def login(
    name: Annotated[str, typer.Argument(help="Login of a system that hands mail in.")],
) -> None:
    """Print a line for gate.smtp.users_file. The password is read from standard input, its first line."""
    password = sys.stdin.readline().rstrip("\n")
    out.print(hashed(name, password), markup=False, highlight=False, soft_wrap=True)
