"""The services of docker-compose.yml in its order, as processes of this machine: what Docker would start, without it.

Commands, settings, health check and the database's script are those of the containers; only addresses are others.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import create_engine, text

from connectors.kafka.plans import Topic
from integration.settings import load_settings
from tests.conftest import COMMAND, environment
from tests.deploy.database import ROOT, SETTINGS, password_file, secured_server, url
from tests.kafka.broker import Broker
from tests.kafka.processes import Process
from tests.ports import free_port

SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
SECONDS = 120
STOP_SECONDS = int(SERVICES["worker-1"]["stop_grace_period"].removesuffix("s"))


class Fleet:
    """The services that are ours, by name."""

    def __init__(self, folder: Path, database_url: str, server: str) -> None:
        self.folder, self.database_url, self.server = folder, database_url, server
        self._variables = {
            "HOLDWATCH_SITE__STATE_DIR": str(folder / "state"),
            "HOLDWATCH_DATABASE__URL": database_url,
            "HOLDWATCH_KAFKA__SERVERS": orjson.dumps([server]).decode(),
        }
        self._running: dict[str, tuple[Process, int]] = {}

    def run(self, name: str) -> subprocess.CompletedProcess[bytes]:
        """Run a service that ends by itself."""
        command = [*COMMAND, *SERVICES[name]["command"], "--settings", SETTINGS]
        return subprocess.run(
            command, env=environment() | self._variables, capture_output=True, check=False, timeout=SECONDS
        )

    def start(self, name: str) -> None:
        """Start a service and wait until its health check says that it is well."""
        port = free_port()
        [command] = SERVICES[name]["command"]
        own = self._variables | {"HOLDWATCH_WORKER__METRICS_PORT": str(port)}
        process = Process(command, SETTINGS, self.folder / f"{name}.log", own)
        self._running[name] = process, port
        until = time.monotonic() + SECONDS
        while (told := self.healthy(name)).returncode:
            assert process.status is None, process.log.read_text()
            assert time.monotonic() < until, f"{name} is not healthy: {told.stdout!r}\n{process.log.read_text()}"
            time.sleep(0.1)

    def healthy(self, name: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, ROOT / "deploy/healthy.py", str(self._running[name][1])]
        return subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)

    def stop(self, name: str) -> tuple[float, int | None]:
        """Stop a service as Docker does; returns the seconds that it took and its exit status."""
        process, _port = self._running.pop(name)
        return process.terminate(), process.status

    def close(self) -> None:
        for process, _port in self._running.values():
            process.end()


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with Broker() as broker, secured_server(tmp_path) as server:
        made = Fleet(tmp_path, url(server, password_file(tmp_path)), broker.address)
        try:
            yield made
        finally:
            made.close()


def overdue() -> list[dict[str, Any]]:
    """A booking whose release was due an hour ago, and a detainer."""
    now = datetime.now(UTC)
    due = {"due_at": (now - timedelta(hours=1)).isoformat(), "reason": "charges_dropped"}
    paper = {
        "hold_id": "h",
        "kind": "immigration_detainer",
        "document": {"form": "I-247A"},
        "issuer": {"agency": "ICE"},
    }
    told = [("booking.opened", {}), ("hold.placed", paper), ("release.due", due)]
    source = load_settings(SETTINGS).facilities[0].source
    return [
        {
            "specversion": "1.0",
            "id": f"e-{number}",
            "source": source,
            "type": f"jail.{kind}.v1",
            "subject": "B-1",
            "time": (now - timedelta(hours=5 - number)).isoformat(),
            "data": data,
        }
        for number, (kind, data) in enumerate(told)
    ]


async def exchange(server: str, events: list[dict[str, Any]]) -> Any:
    """Send events, and return the first finding that is told."""
    async with AIOKafkaProducer(bootstrap_servers=server, acks="all") as producer:
        for event in events:
            key = f"{event['source']}|{event['subject']}".encode()
            await producer.send_and_wait(Topic.EVENTS, orjson.dumps(event), key=key)
    told = AIOKafkaConsumer(Topic.FINDINGS, bootstrap_servers=server, auto_offset_reset="earliest")
    async with asyncio.timeout(SECONDS), told:
        return orjson.loads((await told.getone()).value)


def test_a_finding_is_told_when_the_services_start_in_their_order(fleet):
    made = fleet.run("topics")
    assert made.returncode == 0, made.stderr
    for name in ("sequencer", "worker-1", "worker-2"):
        assert SERVICES[name]["healthcheck"]["test"][-1].endswith("healthy.py")
        fleet.start(name)
    told = asyncio.run(exchange(fleet.server, overdue()))
    assert (told["rule"], told["booking"]) == ("overdue_detainer_hold", "B-1")
    engine = create_engine(fleet.database_url)
    with engine.connect() as link:
        assert link.execute(text("SELECT count(*) FROM inbox")).scalar_one() == 3
    engine.dispose()
    for name in ("worker-2", "worker-1", "sequencer"):
        seconds, status = fleet.stop(name)
        assert status == 0
        assert seconds < STOP_SECONDS  # else Docker would kill it
