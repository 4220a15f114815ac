"""SIGKILL of the gate's Kafka side at its commits: nothing blocked is released, nothing twice, nothing is lost."""

import asyncio
import signal
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import orjson
import pytest

from connectors.kafka.config import Kafka
from integration.bootstrap import open_installation
from integration.logs import configure_logs
from integration.runners.gateway.kafka_side import KafkaSide
from integration.runners.gateway.parts import gate_parts
from tests.gateway.child import killed_at
from tests.gateway_http.site import Site, settings, until
from tests.gateway_http.test_forward import approve
from tests.kafka.test_gate import STATUS, kafka, pending, put, released
from tests.store.servers import wrong_in_database

__all__ = ["kafka"]

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.gateway.child", "tests.kafka.test_gate"])
RECORDS = (
    pending("m-status", {STATUS: "LPR"}),
    pending("m-court", {"hearing": "0900"}, {"agency": "Circuit Court"}),
    pending("m-blocked", {"release_time": "07:30"}),
    pending("m-approved", {"release_time": "09:00"}),
)
LEAST_COMMITS = 4
"""By which it certainly dies: it files four messages. A later commit may meet the approval's, and be made again."""
COMMITS = [(when, number) for number in range(1, 13) for when in ("before", "in", "after")]
SLICE = {("in", 4), ("before", 6), ("after", 8)}


def serve(folder: str, given: bytes, plan: tuple[str, int] | None) -> None:
    """Run the gate's Kafka side until it is killed or told to stop."""
    configure_logs("error")
    if plan is not None:
        killed_at(*plan)
    installation = open_installation(settings(Path(folder)))
    parts = gate_parts(installation)

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with KafkaSide(parts, Kafka.model_validate_json(given)).serving():
            await stop.wait()

    asyncio.run(run())
    parts.close()
    installation.store.close()


async def day(looked: Site, folder: Path, given: Kafka, plan: tuple[str, int] | None) -> bool:
    """Have the gate do what is left to do, until it is done or dead. Returns whether it was killed."""
    process = CONTEXT.Process(target=serve, args=(str(folder), given.model_dump_json().encode(), plan), daemon=True)
    process.start()
    counts = looked.parts.book.counts

    def filed() -> bool:
        return sum(counts().values()) == len(RECORDS) or not process.is_alive()

    def settled() -> bool:
        return not {"to_send", "sending"} & counts().keys() or not process.is_alive()

    try:
        await until(filed, 60)
        row = looked.parts.book.delivery("m-approved")
        if row is not None and row.state == "blocked" and not looked.approved:
            await approve(looked, "m-approved")
            looked.approved = True
        await until(settled, 60)
    finally:
        if process.is_alive():
            process.terminate()
        await asyncio.to_thread(process.join, 30)
    return process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize(
    "plan", [pytest.param(each, marks=() if each in SLICE else pytest.mark.by_hand) for each in COMMITS], ids=str
)
async def test_nothing_is_lost_or_doubled_when_the_gate_dies_at_a_commit(tmp_path, kafka, plan):
    given = kafka.model_copy(update={"session_timeout_seconds": 6.0})
    made = settings(tmp_path)
    made.site.state_dir.mkdir(parents=True, exist_ok=True)
    installation = open_installation(made)
    looked = Site(installation, gate_parts(installation), None)
    looked.approved = False
    try:
        await put(given, *RECORDS)
        died = await day(looked, tmp_path, given, plan)
        assert died or plan[1] > LEAST_COMMITS
        assert not await day(looked, tmp_path, given, None)
        got = Counter(value["message_id"] for _, value, _ in await released(given))
        states = {each: looked.parts.book.delivery(each).state for each in ("m-status", "m-approved", "m-court")}
        assert got["m-blocked"] == 0
        assert got["m-court"] >= 1
        for each in ("m-status", "m-approved"):
            assert got[each] <= 1
            assert got[each] == 1 or states[each] == "unknown", "it has left, or it waits for a person"
        assert states["m-court"] == "sent"
        assert Counter(kind for kind, _ in looked.kinds())["message.sending"] >= got["m-status"] + got["m-approved"]
        assert not wrong_in_database(installation.store), "the log and what is made from it agree"
        assert b"07:30" not in orjson.dumps(looked.entries())
    finally:
        looked.parts.close()
        installation.store.close()
