"""``holdwatch worker``: one of many processes that take events from Apache Kafka, with state in PostgreSQL."""

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from integration.cli.opening import DEFAULT_SETTINGS, SettingsFile
from integration.errors import UsageError
from integration.logs import configure_logs, tame_loggers
from integration.settings import Settings, load_settings

if TYPE_CHECKING:
    from connectors.kafka.config import Kafka


def worker(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Take events from Apache Kafka, raise findings, and stand by as sequencer. Stops cleanly on SIGTERM and SIGINT.

    Exit status: 0 stopped; 2 the settings have faults; 3 going on could lose something.
    """
    from integration.runners.worker.main import run_worker  # noqa: PLC0415  the client libraries are an extra

    loaded, kafka = opened_settings(settings)
    asyncio.run(run_worker(loaded, kafka))


def sequencer(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Give entries their place in the log, tell what changed, remind of deadlines. One works, others stand by.

    Exit status: 0 stopped; 2 the settings have faults; 3 going on could lose something.
    """
    from integration.runners.worker.main import run_sequencer  # noqa: PLC0415

    loaded, kafka = opened_settings(settings)
    asyncio.run(run_sequencer(loaded, kafka))


def opened_settings(path: SettingsFile) -> tuple[Settings, "Kafka"]:
    """Read settings for a process on Apache Kafka, and set its logs up.

    Raises:
        UsageError: they have faults, or no brokers.
    """
    # Until the process listens for it itself: nothing has been begun, so there is nothing to finish.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    loaded = load_settings(path)
    configure_logs(loaded.logging.level)
    tame_loggers()
    if loaded.kafka is None:
        raise UsageError(f"{path} has no table [kafka]: `holdwatch run` needs none, workers do")
    return loaded, loaded.kafka
