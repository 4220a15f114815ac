"""Dumps dropped into a folder of a real process: changes, absence, kills."""

import os
import shutil
import sqlite3
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
import structlog
from typer.testing import CliRunner

from connectors.mapping.history import observed_at
from connectors.mapping.load import mapping_from
from integration.cli.app import app
from tests.connectors.running import Site

EXAMPLE = Path(__file__).parents[3] / "connectors" / "jms_csv" / "example"
SOURCES = """
[[sources]]
name = "dump"
kind = "csv"
mapping = "{root}/mapping.toml"
path = "{root}/drop"
look_every_seconds = 0.02
"""
ROWS = (EXAMPLE / "charges.csv").read_text().replace("\nLICENSE", " LICENSE").splitlines()
ALL = 25
"""Events of the example: nothing is lifted where a flag has not changed."""


@pytest.fixture
def site(tmp_path):
    shutil.copy(EXAMPLE / "mapping.toml", tmp_path / "mapping.toml")
    made = Site(tmp_path, SOURCES.format(root=tmp_path))
    made.make()
    yield made
    made.clean_up()


def drop(site, name, rows):
    folder = site.root / "drop"
    folder.mkdir(exist_ok=True)
    part = folder / f".{name}.part"
    part.write_text("\n".join([ROWS[0], *rows]) + "\n")
    part.rename(folder / name)


def read(site, *names):
    done = [site.root / "drop" / way / name for name in names for way in ("processed", "refused")]
    return sum(path.exists() for path in done) == len(names)


def differences(site):
    entries = site.ask("SELECT body FROM entries WHERE kind = 'source.difference' ORDER BY leaf_index")
    told = [orjson.loads(body) for (body,) in entries]
    return [(each["outcome"], each["detail"]["difference"], each["booking"]) for each in told]


def test_dump_is_taken_in_once_when_it_comes_again(site):
    drop(site, "a.csv", ROWS[1:])
    drop(site, "b.csv", ROWS[1:])
    site.run(lambda: read(site, "a.csv", "b.csv"))
    assert site.count() == ALL
    assert site.count("dead_letters") == 0
    assert [row for row in differences(site) if row[1] != "extra"] == []


def test_change_is_an_event_at_the_time_of_its_dump(site):
    drop(site, "a.csv", ROWS[1:])
    site.start()
    site.wait(lambda: read(site, "a.csv"))
    cleared = [row.replace(",Y,", ",N,") for row in ROWS[1:]]
    drop(site, "b.csv", cleared)
    site.run(lambda: read(site, "b.csv"))
    lifted = site.ask(
        "SELECT body FROM entries WHERE booking = 'B-1002' AND kind = 'event.accepted' ORDER BY leaf_index"
    )
    assert orjson.loads(lifted[-1][0])["detail"]["data"]["hold_id"] == "immigration-hold"


def test_hold_of_a_later_dump_is_read_when_an_earlier_one_was_dated_in_the_future(site):
    without = [row.replace(",Y,", ",N,") for row in ROWS[1:]]
    (site.root / "drop").mkdir()
    part = site.root / "drop" / ".a.csv.part"
    part.write_text("\n".join([ROWS[0], *without]) + "\n")
    os.utime(part, (4_100_000_000, 4_100_000_000))
    part.rename(site.root / "drop" / "a.csv")
    with structlog.testing.capture_logs() as logged:
        site.run(lambda: read(site, "a.csv"))
    before = site.count()
    assert "dump.dated_ahead" in [each["event"] for each in logged]
    (position,) = site.ask("SELECT position FROM source_positions")
    assert datetime.fromisoformat(orjson.loads(position[0])["observed"]) <= datetime.now(UTC)
    drop(site, "b.csv", ROWS[1:])
    site.run(lambda: read(site, "b.csv"))
    assert site.count() == before + 1, "the flag of one row"


def test_hold_is_read_when_the_position_that_was_kept_lies_in_the_future(site):
    drop(site, "a.csv", [row.replace(",Y,", ",N,") for row in ROWS[1:]])
    site.run(lambda: read(site, "a.csv"))
    before = site.count()
    with sqlite3.connect(site.root / "state" / "holdwatch.sqlite") as connection:
        connection.execute("""UPDATE source_positions SET position = '{"observed": "2105-01-01T00:00:00+00:00"}'""")
    connection.close()
    drop(site, "b.csv", ROWS[1:])
    site.run(lambda: read(site, "b.csv"))
    assert site.count() == before + 1


def test_time_of_a_dump_is_that_of_its_file_when_its_name_says_one_that_is_none():
    mapping = mapping_from(
        (EXAMPLE / "mapping.toml").read_text().replace("complete = true", 'file_time = "%Y%m%d-%H%M"')
    )
    for name in ("99991231-2359", "roster"):
        assert observed_at(name, 1_000.0, mapping) == datetime(1970, 1, 1, 0, 16, 40, tzinfo=UTC)
    assert observed_at("20260302-0800", 1_000.0, mapping) == datetime(2026, 3, 2, 13, tzinfo=UTC)


def test_corrected_row_takes_back_what_it_said_when_a_process_was_started_again(site):
    drop(site, "a.csv", ROWS[1:])
    site.run(lambda: read(site, "a.csv"))
    given = site.ask("SELECT event_id FROM inbox WHERE subject = 'B-1003'")
    drop(site, "b.csv", [row.replace("03/04/2026 14:00,", "03/04/2026 16:00,") for row in ROWS[1:]])
    site.run(lambda: read(site, "b.csv"))
    taken_back = site.ask("SELECT retracts FROM retractions ORDER BY retracts")
    # When the charge was settled, and when release was due.
    assert [each.split("-")[:2] for (each,) in taken_back] == [["hold", "lifted"], ["release", "due"]]
    assert set(taken_back) <= set(given)
    asked = "SELECT since FROM findings WHERE booking = 'B-1003' AND rule = 'overdue_detainer_hold' AND status = '{}'"
    (old,), (new,) = *site.ask(asked.format("withdrawn")), *site.ask(asked.format("open"))
    assert new - old == 2 * 3600 * 1_000_000
    drop(site, "c.csv", ROWS[1:])
    site.run(lambda: read(site, "c.csv"))
    assert site.ask(asked.format("open")) == [(old,)]
    assert site.ask("SELECT count(*) FROM inbox WHERE event_id LIKE 'release-due-%-2'") == [(1,)]


def test_older_dump_says_nothing_of_rows_that_a_later_one_told(site):
    drop(site, "b.csv", ROWS[1:])
    site.run(lambda: read(site, "b.csv"))
    before = site.ask("SELECT event_id FROM inbox")
    folder = site.root / "drop"
    part = folder / ".a.csv.part"
    part.write_text("\n".join([ROWS[0], *(row.replace("03/04/2026 14:00,", "03/01/2026 14:00,") for row in ROWS[1:])]))
    os.utime(part, (1772500000,) * 2)
    part.rename(folder / "a.csv")
    site.run(lambda: read(site, "a.csv"))
    assert site.ask("SELECT event_id FROM inbox") == before


def test_absence_is_told_and_frees_nobody(site):
    drop(site, "a.csv", ROWS[1:])
    site.run(lambda: read(site, "a.csv"))
    drop(site, "b.csv", [row for row in ROWS[1:] if "B-1001" not in row])
    site.run(lambda: read(site, "b.csv"))
    assert ("found", "missing", "B-1001") in differences(site)
    assert site.ask("SELECT count(*) FROM entries WHERE booking = 'B-1001' AND body LIKE '%release%'")[0][0] == 0
    drop(site, "c.csv", ROWS[1:])
    site.run(lambda: read(site, "c.csv"))
    assert ("gone", "missing", "B-1001") in differences(site)
    assert site.count("source_differences") == 1, "B-1007 is listed and was released"


def test_differences_stand_when_the_next_list_is_the_same_or_not_believed(site):
    drop(site, "a.csv", ROWS[1:])
    # B-1001 is gone, B-1002's person is now under another number, B-1003 has lost its hold, B-1004 and B-1005 are one.
    rows = [row for row in ROWS[1:] if "B-1001" not in row and "HOLD IMMIGRAT" not in row]
    rows = [row.replace("B-1002", "B-2002").replace("B-1005,P-5", "B-1005,P-4") for row in rows]
    drop(site, "b.csv", rows)
    site.run(lambda: read(site, "a.csv", "b.csv"))
    standing = {("missing", "B-1001", ""), ("moved", "B-1002", "B-2002"), ("rows_gone", "B-1003", "1")}
    standing |= {("merged", "B-1004", "B-1005"), ("extra", "B-1007", "")}
    asked = "SELECT kind, booking, about FROM source_differences"
    assert set(site.ask(asked)) == standing
    for name, part in (("c.csv", rows), ("d.csv", [*rows, "cut off"])):
        drop(site, name, part)
        site.run(lambda name=name: read(site, name))
        assert set(site.ask(asked)) - {("shrunk", "", "7")} == standing
    assert ("shrunk", "", "7") in site.ask(asked)


def test_list_is_not_believed_when_it_has_shrunk(site):
    drop(site, "a.csv", ROWS[1:])
    site.run(lambda: read(site, "a.csv"))
    drop(site, "b.csv", ROWS[1:3])
    site.run(lambda: read(site, "b.csv"))
    assert ("found", "shrunk", "") in differences(site)
    assert ("found", "missing", "B-1003") not in differences(site)
    assert site.count("source_rows") == 9


def test_bad_row_is_one_dead_letter_and_the_rest_is_read(site):
    bad = [*ROWS[1:], "B-9,P-9,03/02/2026 08:15,1,x,y,NEVER HEARD,,,N,,,,,,,A,", "B-8,too few"]
    drop(site, "a.csv", bad)
    drop(site, "b.csv", bad)
    site.run(lambda: read(site, "a.csv", "b.csv"))
    reasons = Counter(reason for (reason,) in site.ask("SELECT reason FROM dead_letters"))
    # The same row refused in the next dump is the same dead letter. Four rules look at the status.
    assert reasons == {"unmapped_code": 4, "bad_row": 1}
    assert (site.root / "drop" / "refused" / "a.csv").exists()


def test_nothing_is_lost_or_doubled_when_the_process_is_killed(site):
    drop(site, "a.csv", ROWS[1:])
    for after in (1, 20):
        site.start()
        site.wait(lambda at=after: site.count() >= at)
        site.kill()
    site.run(lambda: read(site, "a.csv"))
    bodies = site.ask("SELECT body FROM entries WHERE kind = 'event.accepted'")
    accepted = [orjson.loads(body)["detail"]["event_id"] for (body,) in bodies]
    assert len(accepted) == len(set(accepted)) == site.count() == ALL
    assert site.count("source_rows") == 9


def test_dump_is_read_again_when_somebody_still_writes_it(site, monkeypatch):
    whole = "\n".join(ROWS) + "\n"
    folder = site.root / "drop"
    folder.mkdir()
    file = folder / "a.csv"
    file.write_text(whole[: len(whole) // 2])
    read_bytes, cut = Path.read_bytes, []

    def while_written(path):
        found = read_bytes(path)
        if path.name == "a.csv" and not cut:
            cut.append(path)
            path.write_text(whole)
        return found

    monkeypatch.setattr(Path, "read_bytes", while_written)
    site.run(lambda: read(site, "a.csv"))
    assert cut
    assert site.count() == ALL
    assert site.count("dead_letters") == 0


def test_every_row_is_read_when_a_writer_pauses_for_longer_than_a_look(site):
    drop(site, "a.csv", ROWS[1:4])

    def rest_is_written():
        aside = site.root / "drop" / "processed" / "a.csv"
        if aside.exists() and aside.stat().st_size < len("\n".join(ROWS)):
            with aside.open("a") as stream:  # its handle went where the file went
                stream.write("\n".join(ROWS[4:]) + "\n")
        return site.count() == ALL and aside.exists()

    site.run(rest_is_written)
    assert site.count() == ALL
    assert site.count("dead_letters") == 0


def test_file_of_a_bad_row_is_named_on_the_screen_and_nowhere_else(site):
    drop(site, "roster-Quillfeather.csv", [ROWS[1], ROWS[2].replace("03/02/2026 09:40", "when?")])
    site.run(lambda: read(site, "roster-Quillfeather.csv"))
    told = CliRunner().invoke(app, ["deadletters", "list", "--json", "--settings", str(site.settings)])
    structlog.reset_defaults()
    letters = orjson.loads(told.stdout_bytes)
    assert {each["file"] for each in letters} == {str(site.root / "drop" / "refused" / "roster-Quillfeather.csv")}
    assert "Quillfeather" not in str(site.ask("SELECT body FROM entries"))
