"""Connectors beside workers: one booking told by the topic and by a connector, papers by hand, kills, deadlines."""

import subprocess
from datetime import UTC, datetime, timedelta

import orjson

from tests.conftest import COMMAND, environment
from tests.connectors import week
from tests.kafka.events import event, held_until
from tests.kafka.site import ids

BOOKINGS = 4


def drop(site, name, events):
    """Put events into the connector's folder as rows of a table."""
    folder = site.root / "drop"
    folder.mkdir(exist_ok=True)
    part = folder / f"{name}.part"
    part.write_bytes(week.table([week.row_of(orjson.dumps(each)) for each in events]))
    part.rename(folder / name)


def with_connector(site):
    (site.root / "m.toml").write_text(week.mapping().replace(f'"{week.FACILITY.source}"', '"/jms/a"', 1))
    sources = f'[[sources]]\nname = "d"\nkind = "csv"\nmapping = "{site.root}/m.toml"\npath = "{site.root}/drop"\n'
    site.file.write_text(site.file.read_text() + sources)


def command(site, *words):
    asked = [*COMMAND, *words, "--settings", str(site.file)]
    done = subprocess.run(asked, capture_output=True, check=False, env=environment(), timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


async def test_one_story_is_told_when_topic_connector_and_officer_each_tell_a_part_of_it(site):
    with_connector(site)
    worker = site.start()
    await site.until(lambda: len(site.held_by(worker)) == site.partitions)
    due = datetime.now(UTC) + timedelta(seconds=12)
    stories = [held_until(f"B-{number}", due) for number in range(BOOKINGS)]
    by_topic = [each for story in stories for each in (story[0], story[1])]
    by_table = [each for story in stories for each in (story[2], story[3])]
    await site.send(by_topic)
    connector = site.start("connect run")
    drop(site, "a.csv", by_table[: len(by_table) // 2])
    await site.until(lambda: len(site.inbox()) >= len(by_topic) + 2)
    connector.kill()
    drop(site, "b.csv", by_table[len(by_table) // 2 - 3 :])  # with some of the other once more
    site.start("connect run")
    await site.until(lambda: site.inbox() == ids(by_topic + by_table), what="all that was told is in")

    def overdue():
        return [found for found in site.findings("open") if found.rule == "overdue_detainer_hold"]

    # Who reminds a worker of a deadline that a connector's event set: the sequencer, through the topic.
    found = await site.until(lambda: len(overdue()) == BOOKINGS and overdue(), seconds=60)
    assert {row.since for row in found} == {int(due.timestamp() * 1_000_000)}
    # And by hand: a paper for one of them, and its end by the topic again.
    now = datetime.now(UTC)
    paper = ("intake", "paper", "B-0", "--kind", "judicial_warrant", "--court", "E.D. Mich.", "--title", "judge")
    command(site, *paper, "--at", now.isoformat(), "--hold-id", "w", "--source", "/jms/a", "--actor", "officer:jdoe")
    await site.until(
        lambda: len(overdue()) in {BOOKINGS, BOOKINGS - 1} and len(site.inbox()) == len(ids(by_topic + by_table)) + 1
    )
    released = [event("release.completed", f"B-{number}", now + timedelta(seconds=1)) for number in range(1, BOOKINGS)]
    await site.send(released)
    await site.until(lambda: len(overdue()) <= 1, what="those who were released are not held any more")
    await site.processed()
    counted = site.entries()
    assert all(count == 1 for count in counted.values()), "each thing that happened has one entry"
    accepted = [row for row in counted if row[0] == "event.accepted"]
    assert len(accepted) == len(by_topic) + len(by_table) + 1 + len(released)
    assert site.ask("SELECT count(*) AS n FROM dead_letters")[0].n == 0
    command(site, "audit", "verify")
