"""``holdwatch topics``: the topics on Apache Kafka, made and compared as the settings say."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from connectors.kafka.config import Kafka
from integration.cli.console import Exit, out, print_json
from integration.cli.opening import DEFAULT_SETTINGS, AsJson, SettingsFile
from integration.errors import UsageError
from integration.logs import configure_logs
from integration.settings import load_settings

if TYPE_CHECKING:
    from connectors.kafka.topics import Difference

app = typer.Typer(help="Topics on Apache Kafka: apply, check.", no_args_is_help=True)


@app.command("apply")
def apply_topics(settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """Create the topics that are missing. What exists is never changed or deleted.

    Exit status: 0 all are as the settings say; 1 some differ, and were left as they are; 2 one has another number of
    partitions or throws old keys away, and nothing was created; 3 no broker answers, or it refuses.
    """
    from connectors.kafka.topics import apply  # noqa: PLC0415  the client library is an extra, and slow to load

    kafka = _kafka(settings)
    done = asyncio.run(apply(kafka.connection, kafka.plans))
    if as_json:
        print_json({"created": done.created, "differences": [asdict(it) for it in done.left]})
    else:
        for name in done.created:
            out.print(f"{name}: created", markup=False, highlight=False)
        _tell(kafka, done.left, "; left as it is")
    raise typer.Exit(Exit.FOUND if done.left else Exit.DONE)


@app.command("check")
def check_topics(settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """Tell where the topics differ from the settings; nothing is changed.

    Exit status: 0 all are as the settings say; 1 some are missing or differ; 3 no broker answers, or it refuses.
    """
    from connectors.kafka.topics import check  # noqa: PLC0415  as above

    kafka = _kafka(settings)
    differences = asyncio.run(check(kafka.connection, kafka.plans))
    if as_json:
        print_json({"differences": [asdict(it) for it in differences]})
    else:
        _tell(kafka, differences)
    raise typer.Exit(Exit.FOUND if differences else Exit.DONE)


def _kafka(settings: Path) -> Kafka:
    loaded = load_settings(settings)
    configure_logs(loaded.logging.level)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what fails is told once, by us
    if loaded.kafka is None:
        raise UsageError(f"{settings} has no table [kafka]")
    return loaded.kafka


def _tell(kafka: Kafka, differences: "Sequence[Difference]", what_happens: str = "") -> None:
    for difference in differences:
        out.print(f"{difference}{what_happens}", markup=False, highlight=False)
    if not differences:
        out.print(f"{len(kafka.plans)} topics are as the settings say")
