"""What the watchdog keeps: whole or put aside, held by one, and time that only goes forward."""

import pytest
from structlog.testing import capture_logs

from integration.domain.instants import SECOND
from integration.errors import UsageError
from integration.runners.watch.memory import Memory, SteadyClock, hold, load, save

NOW = 1_800_000_000 * SECOND


def test_it_begins_with_nothing_when_there_is_no_file(tmp_path):
    assert load(tmp_path / "watch.json", NOW) == Memory(latest=NOW)


@pytest.mark.parametrize(
    ("passed", "steady", "because"),
    [
        (0, 100.0, "started again at once"),
        (60, 160.0, "a minute later"),
        (-3600, 100.0, "the clock stepped back meanwhile: nothing is taken back"),
        (30 * 86_400, 100.0 + 86_400, "a month of sleep, or a clock that is wrong: a day counts"),
    ],
)
def test_steady_time_goes_on_when_it_is_started_again(tmp_path, passed, steady, because):
    save(tmp_path / "watch.json", Memory(steady=100.0, latest=NOW))
    again = load(tmp_path / "watch.json", NOW + passed * SECOND)
    assert again.steady == steady, because
    assert again.latest == NOW
    clock = SteadyClock(again.steady)
    assert steady <= clock.now() < steady + 5
    assert clock.now() <= clock.now()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"steady": "x"}', b"\xff"])
def test_it_is_put_aside_when_it_cannot_be_read(tmp_path, content):
    path = tmp_path / "watch.json"
    path.write_bytes(content)
    with capture_logs() as told:
        assert load(path, NOW) == Memory(latest=NOW)
    (aside,) = tmp_path.iterdir()
    assert aside.read_bytes() == content
    assert [line["event"] for line in told] == ["watch.memory_unreadable"]


def test_the_old_one_is_whole_when_writing_fails(tmp_path):
    path = tmp_path / "watch.json"
    save(path, Memory(steady=1.0))
    (tmp_path / "watch.json.new").mkdir()
    with pytest.raises(IsADirectoryError):
        save(path, Memory(steady=2.0))
    assert load(path, 0).steady == 1.0
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_watchdog_is_refused_when_one_runs(tmp_path):
    first = hold(tmp_path / "new" / "watch.json")
    with pytest.raises(UsageError, match="another holdwatch watch"):
        hold(tmp_path / "new" / "watch.json")
    first.close()
    hold(tmp_path / "new" / "watch.json").close()


def test_free_room_is_remembered_once_an_hour_for_a_week():
    memory = Memory()
    from dataclasses import replace

    for minute in range(0, 14 * 24 * 60, 10):
        memory = replace(memory, steady=minute * 60.0).with_room(10**9 - minute)
    assert len(memory.trend) <= 7 * 24 + 1
    assert memory.steady - memory.trend[0][0] <= 7 * 86_400
    assert all(later[0] - earlier[0] >= 3600 for earlier, later in zip(memory.trend, memory.trend[1:], strict=False))
