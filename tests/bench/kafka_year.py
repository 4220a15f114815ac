"""A year of a whole state through two workers: Kafka, PostgreSQL with fsync, every commit on the disk.

The invented state is sent first; then the workers start, and the time counts to the last event committed and placed in
the log. Afterwards the log is verified, every event is in the inbox, and the findings are those of a replay of the same
lines. Takes hours and 30 GB: run by hand, ``python -m tests.bench.kafka_year`` (``--days 7`` tries it).
"""

import argparse
import asyncio
import logging
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import orjson

from connectors.kafka.plans import Topic
from integration.audit.entry import text_of
from integration.bootstrap import open_log
from integration.settings import load_settings
from integration.simulator import SimulationParams, facilities, timed
from integration.simulator.pace import Pace
from integration.simulator.topic import ToTopic
from tests.bench.kafka_loops import PARTITIONS
from tests.conftest import COMMAND, ROOT, environment
from tests.kafka.broker import Broker
from tests.kafka.site import FACILITY, Site
from tests.store import postgres

PACK = "lansing-eo-2017-01"
ADMISSIONS = 7_600_000
"""A year's, in all jails of the United States (Bureau of Justice Statistics, 2023)."""
LOOK_SECONDS = 2.0


class State(Site):
    """An installation whose facilities are the invented jails, each in its own zone."""

    zones: ClassVar[dict[str, str]] = {}

    @staticmethod
    def facility(source: str, pack: str) -> str:
        return FACILITY.format(source=source, pack=pack).replace("America/Detroit", State.zones[source])


def send(params: SimulationParams, site: Site, file: Path) -> int:
    """Write every line to the topic and to a file; returns how many there were."""
    lines = 0
    sink = ToTopic(site.kafka, Pace(0))
    with file.open("wb") as copy:
        for at, line in timed(params):
            sink.write(at, line)
            copy.write(line + b"\n")
            lines += 1
            if lines % 500_000 == 0:
                tell(f"{lines:,} sent")
    sink.close()
    return lines


def tell(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def memory(pid: int) -> float:
    """Resident memory in MB (proc(5))."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


async def consumed(site: Site, lines: int) -> float:
    """Let two workers take it all; returns the seconds."""
    ends = {partition: end for partition, end in (await site.ends()).items() if end}
    started = time.perf_counter()
    processes = [site.start() for _ in range(2)]
    told = 0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if any(process.status is not None for process in processes):
            raise SystemExit(f"a worker ended before it was done:\n{site.logs()}")
        positions = site.positions()
        done = sum(positions.values())
        if done - told >= lines // 20:
            told = done
            rate = done / (time.perf_counter() - started)
            held = " and ".join(f"{memory(process.pid):,.0f}" for process in processes)
            tell(f"{done:,} of {lines:,} processed, {rate:,.0f} a second, {held} MB")
        if positions == ends and not site.ask("SELECT 1 FROM unsequenced LIMIT 1"):
            tell("resident MB at the end: " + ", ".join(f"{memory(process.pid):,.0f}" for process in processes))
            return time.perf_counter() - started


def command(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=environment(), capture_output=True, check=False)


def compare(site: Site, file: Path, until: datetime) -> str:
    """Say whether the findings are those of a replay. What was withdrawn again depends on the order of arrival."""
    out = file.parent / "replay"
    done = command("replay", str(file), "--policy", PACK, "--until", until.isoformat(), "--out", str(out))
    rows = map(orjson.loads, (out / "findings.jsonl").read_bytes().splitlines())
    expected = {(row["finding_id"], row["status"], row["until"]) for row in rows if row["status"] != "withdrawn"}
    found = {
        (row.finding_id, row.status, None if row.until is None else text_of(row.until))
        for row in site.findings()
        if row.status != "withdrawn"
    }
    missing, invented = len(expected - found), len(found - expected)
    for finding_id, *_ in sorted(expected - found)[:10]:
        told = [row for row in site.findings() if row.finding_id == finding_id]
        tell(f"replay has {finding_id}, the workers {[(row.status, row.rule, row.since, row.until) for row in told]}")
    return f"replay ended with {done.returncode}; findings: {len(found):,}; missing {missing}, invented {invented}"


async def run(params: SimulationParams, site: Site, folder: Path, *, compared: bool) -> None:
    await site.make_topics()
    open_log(load_settings(site.file)).store.close()
    file = folder / "year.jsonl"
    before = time.perf_counter()
    lines = await asyncio.to_thread(send, params, site, file)
    print(f"{lines:,} lines of {params.facilities} jails, {params.days} days")
    print(f"made and sent in {time.perf_counter() - before:,.0f} s; topic {site.kafka.topic(Topic.EVENTS)}", flush=True)
    seconds = await consumed(site, lines)
    print(f"processed by two workers in {seconds / 3600:.2f} h: {lines / seconds:,.0f} events a second")
    each = lines / (params.bookings_per_day * params.days)
    years = ADMISSIONS * each
    print(f"{each:.1f} lines an admission; {ADMISSIONS:,} admissions are {years:,.0f} lines: ", end="")
    print(f"{years / (lines / seconds) / 3600:.1f} h on this machine", flush=True)
    end = datetime.combine(params.start, datetime.min.time(), UTC) + timedelta(days=params.days + 400)
    await site.advance(int(end.timestamp()) * 1_000_000)
    await site.processed(seconds=3600)
    kept = int(site.ask("SELECT count(*) AS n FROM inbox WHERE event_id NOT LIKE :marked", marked="\x01%")[0].n)
    entries = int(site.ask("SELECT size AS n FROM log_state")[0].n)
    print(f"{kept:,} events kept, {entries:,} log entries", flush=True)
    if compared:
        print(compare(site, file, end), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--jails", type=int, default=120)
    parser.add_argument("--bookings", type=float, default=1850.0, help="a day, in all jails together")
    parser.add_argument("--batch", type=int, default=2000)
    parser.add_argument("--compare", action="store_true", help="with a replay of the same lines")
    asked = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    params = SimulationParams(facilities=asked.jails, bookings_per_day=asked.bookings, days=asked.days)
    server = postgres.Server(postgres.DURABLE)
    try:
        with Broker() as broker, tempfile.TemporaryDirectory(prefix="holdwatch-year-") as folder:
            State.zones = {jail.source: jail.zone for jail in facilities(params)}
            site = State(
                Path(folder),
                broker,
                "year.",
                server.new_database(),
                partitions=PARTITIONS,
                clock="recorded",
                batch=asked.batch,
                sources=list(State.zones),
                pack=PACK,
                checkpoint=10,
            )
            try:
                asyncio.run(run(params, site, Path(folder), compared=asked.compare))
            finally:
                site.close()
    finally:
        server.remove()


if __name__ == "__main__":
    main()
