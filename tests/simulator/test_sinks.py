"""Where simulated lines go."""

from collections import defaultdict
from datetime import date

import orjson
import pytest

from integration.simulator import SimulationParams, facilities, simulate, timed
from integration.simulator.pace import Pace
from integration.simulator.sinks import ToFolder, ToService, closing

COUNTY = SimulationParams(facilities=9, bookings_per_day=80, days=4, seed=11)
SECOND = 1000


def by_source(lines):
    found = defaultdict(list)
    for line in lines:
        found[orjson.loads(line)["source"].rpartition("/")[2]].append(line)
    return dict(found)


def written(folder):
    """The lines of each folder below, in the order of its files' names."""
    files = sorted(folder.rglob("*.jsonl"))
    assert not list(folder.rglob(".*"))
    found = defaultdict(list)
    for path in files:
        found[path.parent.name].extend(path.read_bytes().splitlines())
    return dict(found)


def test_lines_come_in_the_order_of_their_times_when_they_are_timed():
    told = list(timed(COUNTY))
    assert [line for _, line in told] == list(simulate(COUNTY))
    assert [at for at, _ in told] == sorted(at for at, _ in told)


def test_each_jail_has_its_own_lines_in_order_when_split_by_facility(tmp_path):
    with closing(ToFolder(tmp_path, COUNTY.start, by_jail=True)) as sink:
        for at, line in timed(COUNTY, on_day=sink.end_day):
            sink.write(at, line)
    assert written(tmp_path) == by_source(simulate(COUNTY))
    assert len(written(tmp_path)) == len(facilities(COUNTY))
    assert {path.name for path in tmp_path.rglob("*.jsonl")} == {f"events-2026-01-0{day}.jsonl" for day in range(1, 5)}


@pytest.mark.parametrize("held", [1, 5000])
def test_files_are_whole_when_more_comes_than_memory_holds(tmp_path, monkeypatch, held):
    monkeypatch.setattr("integration.simulator.sinks._HELD", held)
    with closing(ToFolder(tmp_path, COUNTY.start, by_jail=True)) as sink:
        for at, line in timed(COUNTY, on_day=sink.end_day):
            sink.write(at, line)
    assert written(tmp_path) == by_source(simulate(COUNTY))


def test_nothing_half_done_is_left_when_writing_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("integration.simulator.sinks._HELD", 1)
    part = tmp_path / ".events-2026-01-01.jsonl.part"
    part.write_text("of an earlier run")

    def write_and_fail():
        with closing(ToFolder(tmp_path, date(2026, 1, 1), by_jail=False)) as sink:
            sink.write(0, b"{}")
            assert part.read_text() == "{}\n"
            raise KeyError

    with pytest.raises(KeyError):
        write_and_fail()
    assert not list(tmp_path.iterdir())


class Time:
    """A clock that only sleeping moves, and what was there to read at each moment."""

    def __init__(self, folder):
        self.now = 100.0
        self.seen = []
        self.folder = folder

    def clock(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.seen.append((round(self.now - 100, 6), sorted(path.name for path in self.folder.iterdir())))
        self.now += seconds


def test_lines_are_there_to_read_by_their_time_when_time_runs_faster(tmp_path):
    # because a minute goes by in each second, the lines of a minute are one file, and it appears at its end
    time = Time(tmp_path)
    sink = ToService(tmp_path, Pace(60, clock=time.clock, sleep=time.sleep), by_jail=False)
    for second in (0, 30, 59, 60, 61, 600):
        sink.write(second * SECOND, b'{"second":%d}' % second)
    sink.close()
    names = ["events-19700101T000000-000001.jsonl", "events-19700101T000100-000002.jsonl"]
    assert time.seen == [(0, []), (1, names[:1]), (2, names)]
    assert time.now - 100 == 11  # the last minute is over after 660 of the feed's seconds
    held = [path.read_bytes().count(b"\n") for path in sorted(tmp_path.iterdir())]
    assert held == [3, 2, 1]


def test_a_feed_waits_when_the_service_is_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("integration.simulator.pace._LINES", 1)
    told = []

    def taken_away(_seconds):
        for path in tmp_path.iterdir():
            path.unlink()

    pace = Pace(0, sleep=taken_away)
    sink = ToService(tmp_path, pace, by_jail=False, on_waiting=lambda: told.append(len(waiting())))

    def waiting():
        return [path for path in tmp_path.iterdir() if not path.name.startswith(".")]

    for second in range(20):
        sink.write(second, b"{}")
        assert len(waiting()) <= 8
    sink.close()
    assert told == [8, 8]
    assert len(waiting()) == 4


def test_nothing_appears_when_nothing_was_written(tmp_path):
    with closing(ToService(tmp_path, Pace(0), by_jail=True)):
        pass
    assert not list(tmp_path.iterdir())
