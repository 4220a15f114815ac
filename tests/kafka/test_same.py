"""One history through replay, the embedded runner and two workers: the same findings, decisions and set of entries."""

import asyncio
import shutil
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import create_engine, text

from connectors.kafka.plans import Topic
from integration.audit.entry import text_of
from integration.simulator import SimulationParams, simulate
from schemas.base import instant_of
from tests.conftest import COMMAND, environment
from tests.kafka.inside import working
from tests.kafka.processes import Process
from tests.kafka.site import SETTINGS_EMBEDDED, Site, counted

PACK = "ma-welcoming-community"
EASTERLY = SimulationParams(
    facilities=2,
    bookings_per_day=45,
    days=6,
    start=date(2026, 3, 5),
    shuffle_window=0,
    duplicates=0.2,
    immigration=0.35,
    mislabelled=0.3,
    corrections=0.2,
    retractions=0.1,
    mistaken_releases=0.1,
    rescinded=0.15,
    voided=0.04,
    messages=0.3,
    moved=0.0,
)


def recorded_at(event: dict[str, Any]) -> int:
    return instant_of(event.get("recordedtime", event["time"]))


def replayed(file: Path, out: Path) -> None:
    command = [*COMMAND, "replay", str(file), "--policy", PACK, "--out", str(out)]
    subprocess.run(command, check=True, env=environment(), timeout=120, stdout=subprocess.DEVNULL)


def entries_of(folder: Path) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for line in (folder / "audit.jsonl").read_bytes().splitlines():
        entry = orjson.loads(line)["entry"]
        said = orjson.dumps(entry["detail"], option=orjson.OPT_SORT_KEYS)
        found[entry["kind"], instant_of(entry["at"]), entry["source"], entry["booking"], entry["outcome"], said] += 1
    return found


def rows_of(folder: Path, name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / name).read_bytes().splitlines()]


def findings_in(url: str) -> list[tuple[Any, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT finding_id, status, since, raised_at, severity, pack FROM findings"))
        found = sorted(tuple(row) for row in rows)
    engine.dispose()
    return found


def decisions_in(url: str) -> list[tuple[Any, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT request, request_id, decision, decided_at FROM decisions"))
        found = sorted(tuple(row) for row in rows)
    engine.dispose()
    return found


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Events in the order in which they were recorded, as a file."""
    file = tmp_path / "history.jsonl"
    events = sorted((orjson.loads(line) for line in simulate(EASTERLY)), key=recorded_at)
    file.write_bytes(b"\n".join(map(orjson.dumps, events)) + b"\n")
    return file


async def embedded(history: Path, root: Path, entries: int, sources: list[str]) -> str:
    """Run the history through the service in one process; returns its database."""
    (root / "drop").mkdir(parents=True)
    url = f"sqlite:///{root / 'state' / 'holdwatch.sqlite'}"
    file = root / "holdwatch.toml"
    facilities = "".join(Site.facility(source, PACK) for source in sources)
    file.write_text(SETTINGS_EMBEDDED.format(root=root) + facilities)
    process = Process("run", file, root / "run.log")
    try:
        shutil.copy(history, root / "drop" / ".history")
        (root / "drop" / ".history").rename(root / "drop" / "history.jsonl")
        async with asyncio.timeout(120):
            while not (root / "state" / "holdwatch.sqlite").exists() or counted(url).total() != entries:
                assert process.status is None, process.said()
                await asyncio.sleep(0.2)
        process.terminate()
        assert process.status == 0
    finally:
        process.end()
    return url


async def test_all_runners_say_the_same_when_they_are_given_the_same_history(make_site, history, tmp_path):
    events = [orjson.loads(line) for line in history.read_bytes().splitlines()]
    sources = sorted({event["source"] for event in events})
    site: Site = make_site(clock="recorded", sources=sources, pack=PACK, batch=100)
    await site.make_topics()
    workers = [site.start() for _ in range(2)]
    await asyncio.to_thread(replayed, history, tmp_path / "replay")
    expected = entries_of(tmp_path / "replay")
    await site.until(lambda: all(len(site.held_by(worker)) == 2 for worker in workers), what="each has its share")
    await site.send(events)
    await site.advance(recorded_at(events[-1]))
    await site.processed()
    url = await embedded(history, tmp_path / "embedded", expected.total(), sources)

    assert expected.total() > 500
    assert {kind for kind, *_ in expected} >= {
        "finding.raised",
        "finding.resolved",
        "finding.withdrawn",
        "message.decided",
    }
    assert counted(url) == expected
    assert site.entries() == expected
    findings = findings_in(site.url)
    assert findings_in(url) == findings
    assert [row[0] for row in findings] == sorted(
        row["finding_id"] for row in rows_of(tmp_path / "replay", "findings.jsonl")
    )
    assert decisions_in(url) == decisions_in(site.url)
    assert len(decisions_in(url)) == len(rows_of(tmp_path / "replay", "decisions.jsonl")) > 10
    # What consumers are told is what the log says, each once.
    await site.until(lambda: not site.ask("SELECT 1 FROM outbox"), what="everything is told")
    told = await site.told(Topic.FINDINGS)
    assert len({message_id for message_id, _ in told}) == len(told)
    assert Counter(content["kind"] for _, content in told) == Counter(
        kind for kind, *_ in expected.elements() if kind.startswith("finding.")
    )


TANGLED = SimulationParams(
    seed=7,
    facilities=2,
    bookings_per_day=30,
    days=4,
    start=date(2026, 3, 5),
    shuffle_window=7200,
    immigration=0.35,
    retractions=0.3,
    mistaken_releases=0.1,
    moved=0.3,
)


async def test_two_workers_end_with_the_same_findings_when_moves_and_retractions_tie_their_partitions(
    make_site, tmp_path
):
    """In another order, what was told on the way may differ; what stands in the end may not (section 7)."""
    file = tmp_path / "tangled.jsonl"
    lines = list(simulate(TANGLED))
    file.write_bytes(b"\n".join(lines) + b"\n")
    events = [orjson.loads(line) for line in lines]
    site: Site = make_site(clock="recorded", sources=sorted({event["source"] for event in events}), pack=PACK, batch=25)
    await site.make_topics()
    async with working(site), working(site):
        await site.until(lambda: len(set(site.owners().values())) == 2 and len(site.owners()) == 4)
        await site.send(events)
        await site.advance(max(map(recorded_at, events)))
        await site.processed()
    await asyncio.to_thread(replayed, file, tmp_path / "replay")
    expected = {
        (row["finding_id"], row["status"], row["until"])
        for row in rows_of(tmp_path / "replay", "findings.jsonl")
        if row["status"] != "withdrawn"
    }
    found = {
        (row.finding_id, row.status, None if row.until is None else text_of(row.until))
        for row in site.findings()
        if row.status != "withdrawn"
    }
    assert found == expected
    assert len(expected) > 20
