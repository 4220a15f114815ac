"""A real PostgreSQL polled: late commits, restarts, kills, whole lists, failing databases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text

from connectors.jms_sql.config import SqlSource
from connectors.jms_sql.database import Table, open_source
from connectors.jms_sql.positions import Position, SourceError, position_of, read_position
from tests.connectors.running import Site
from tests.store.postgres import Server, program

MAPPING = """\
version = 1
source = "/jms/example-county"
zone = "America/Detroit"
[record]
booking = "booking_no"
key = ["seq"]
person = "person"
{snapshot}
[tables.kinds]
codes = {{ C = "charge", ICE = "immigration_detainer" }}
[[events]]
name = "held"
type = "hold.placed"
time = "placed_at"
data = {{ hold_id = "seq", kind = {{ column = "kind", table = "kinds" }} }}
[[events]]
name = "lifted"
type = "hold.lifted"
time = "lifted_at"
where = [{{ column = "lifted_at", empty = false }}]
data = {{ hold_id = "seq" }}
"""
SOURCE = """
[[sources]]
name = "db"
kind = "sql"
mapping = "{root}/m.toml"
url_file = "{root}/url"
query = "SELECT seq, booking_no, person, kind, placed_at, lifted_at, {position} FROM holds"
{mode}
every_seconds = 0.05
batch_rows = 7
overlap_seconds = 60
overlap_rows = 10
"""
CHANGES = 'mode = "changes"\nposition = "{position}"\nkey = ["seq"]'
TABLE = """CREATE TABLE holds (seq int PRIMARY KEY, booking_no text, person text, kind text, placed_at timestamp,
    lifted_at timestamp, changed_at timestamptz, version bigint)"""
INSERT = """INSERT INTO holds VALUES (:n, 'B-' || :n, 'P-' || :n, 'C', '2026-03-02T08:00:00', NULL,
    timestamptz '2026-03-02 13:00:00Z' + :n * interval '1 second', :n)"""

pytestmark = pytest.mark.skipif(program("initdb") is None, reason="PostgreSQL is not installed")


@pytest.fixture(scope="module")
def server():
    made = Server()
    yield made
    made.remove()


@pytest.fixture
def jail(server):
    engine = create_engine(server.new_database())
    with engine.begin() as connection:
        connection.execute(text(TABLE))
    yield engine
    engine.dispose()


def site_of(tmp_path, jail, position="changed_at", *, snapshot=""):
    (tmp_path / "m.toml").write_text(MAPPING.format(snapshot=snapshot))
    url = tmp_path / "url"
    url.write_text(jail.url.render_as_string(hide_password=False))
    url.chmod(0o600)
    mode = 'mode = "snapshot"' if snapshot else CHANGES.format(position=position)
    site = Site(tmp_path, SOURCE.format(root=tmp_path, mode=mode, position=position))
    site.make()
    return site


def insert(jail, *numbers):
    with jail.begin() as connection:
        connection.execute(text(INSERT), [{"n": number} for number in numbers])


@pytest.mark.parametrize("position", ["changed_at", "version"])
def test_every_row_is_read_once_whatever_the_position_is(tmp_path, jail, position):
    site = site_of(tmp_path, jail, position)
    insert(jail, *range(20))
    site.run(lambda: site.count() == 20)
    insert(jail, *range(20, 25))
    with jail.begin() as connection:
        connection.execute(text(
            "UPDATE holds SET lifted_at = '2026-03-02T09:00:00', version = 100, "
            "changed_at = '2026-03-02T15:00:00Z' WHERE seq = 3"))  # fmt: skip
    site.run(lambda: site.count() == 26)
    assert site.count("dead_letters") == 0
    assert len(site.ask("SELECT DISTINCT event_id FROM inbox")) == 26


BEYOND = [
    ("lifted_at", "infinity", 20, 10, "an end that is open: that rule is refused, the hold is there"),
    ("lifted_at", "0044-03-15 BC", 20, 10, "a year that Python does not have"),
    ("changed_at", "infinity", 20, 0, "a position without end: the row is read, and told as ahead"),
    ("changed_at", "-infinity", 20, 0, "one without a beginning"),
]


@pytest.mark.parametrize("case", BEYOND, ids=[row[4] for row in BEYOND])
def test_other_rows_are_read_when_a_time_is_none_that_python_has(tmp_path, jail, case):
    name, value, events, refused, because = case
    site = site_of(tmp_path, jail)
    insert(jail, *range(1, 21))
    with jail.begin() as connection:
        connection.execute(text(f"UPDATE holds SET {name} = '{value}' WHERE seq > 10"))
    site.run(lambda: (site.count(), site.count("dead_letters")) == (events, refused))
    reasons = {reason for (reason,) in site.ask("SELECT reason FROM dead_letters")}
    assert reasons == ({"bad_time"} if refused else set()), because
    if value == "infinity" and name == "changed_at":
        ask = "SELECT body FROM entries WHERE kind = 'source.difference'"
        site.run(lambda: "ahead" in str(site.ask(ask)))
    insert(jail, 30)
    site.run(lambda: site.count() == events + 1)


def test_time_without_end_is_nothing_when_the_mapping_says_so(tmp_path, jail):
    site = site_of(tmp_path, jail)
    mapping = (tmp_path / "m.toml").read_text()
    (tmp_path / "m.toml").write_text(mapping.replace("[record]", 'empty = ["infinity"]\n[record]', 1))
    insert(jail, 1)
    with jail.begin() as connection:
        connection.execute(text("UPDATE holds SET lifted_at = 'infinity'"))
    site.run(lambda: site.count() == 1)
    assert site.count("dead_letters") == 0


def test_row_is_read_when_it_is_committed_after_a_later_one(tmp_path, jail):
    site = site_of(tmp_path, jail)
    late = jail.connect()
    late.execute(text(INSERT), {"n": 1})
    insert(jail, 30)
    site.run(lambda: site.count() == 1)
    late.commit()
    late.close()
    site.run(lambda: site.count() == 2)


def test_corrected_row_takes_back_what_it_said(tmp_path, jail):
    site = site_of(tmp_path, jail)
    insert(jail, 1)
    site.run(lambda: site.count() == 1)
    change = "UPDATE holds SET placed_at = '{}', changed_at = changed_at + interval '1 second'"
    for placed, events in (("2026-03-02T09:00:00", 3), ("2026-03-02T08:00:00", 5)):
        with jail.begin() as connection:
            connection.execute(text(change.format(placed)))
        site.run(lambda events=events: site.count() == events)
    # The first came back under an id of its own.
    taken_back = {each for (each,) in site.ask("SELECT retracts FROM retractions")}
    standing = {
        each for (each,) in site.ask("SELECT event_id FROM inbox WHERE event_id LIKE 'hold-placed-%'")
    } - taken_back
    assert len(taken_back) == 2
    assert [each[-2:] for each in standing] == ["-2"]
    assert standing.pop()[:-2] in taken_back


def test_rows_are_read_and_it_is_told_when_one_is_dated_in_the_future(tmp_path, jail):
    site = site_of(tmp_path, jail)
    insert(jail, 1, 2)
    with jail.begin() as connection:
        connection.execute(text("UPDATE holds SET changed_at = '2105-01-01T00:00:00Z' WHERE seq = 2"))
        connection.execute(text(INSERT), {"n": 9})
        connection.execute(text("UPDATE holds SET changed_at = NULL WHERE seq = 9"))
    site.run(lambda: site.count() == 2 and site.count("source_differences") == 2)
    assert site.ask("SELECT kind, booking FROM source_differences ORDER BY kind") == [("ahead", ""), ("unplaced", "")]
    assert "2105" not in site.ask("SELECT position FROM source_positions")[0][0]
    insert(jail, 3)
    site.run(lambda: site.count() == 3)
    with jail.begin() as connection:
        connection.execute(text("UPDATE holds SET changed_at = '2026-03-02T14:00:00Z' WHERE seq IN (2, 9)"))
    site.run(lambda: site.count("source_differences") == 0)
    assert site.count() == 4


def test_everything_is_read_again_when_the_position_that_was_kept_lies_in_the_future(tmp_path, jail):
    import sqlite3

    site = site_of(tmp_path, jail)
    insert(jail, 1)
    site.run(lambda: site.count() == 1)
    with sqlite3.connect(tmp_path / "state" / "holdwatch.sqlite") as connection:
        connection.execute("""UPDATE source_positions SET position = '{"time": "2105-01-01T00:00:00+00:00"}'""")
    connection.close()
    insert(jail, 2)
    site.run(lambda: site.count() == 2)


def test_position_is_that_of_the_events_when_the_process_is_killed(tmp_path, jail):
    site = site_of(tmp_path, jail)
    insert(jail, *range(60))
    for after in (1, 30):
        site.start()
        site.wait(lambda at=after: site.count() >= at)
        site.kill()
        # Whatever was taken in, the position is not ahead of it.
        (position,) = site.ask("SELECT position FROM source_positions")
        read = read_position(position[0])
        assert (read.at.minute * 60 + read.at.second) < site.count()
    site.run(lambda: site.count() == 60)
    assert len(site.ask("SELECT DISTINCT event_id FROM inbox")) == 60


def test_missing_row_is_told_when_whole_lists_are_compared(tmp_path, jail):
    site = site_of(tmp_path, jail, snapshot="[snapshot]\nleast_share = 0.1")
    insert(jail, *range(4))
    site.run(lambda: site.count("source_rows") == 4)
    with jail.begin() as connection:
        connection.execute(text("DELETE FROM holds WHERE seq = 2"))
        connection.execute(text("UPDATE holds SET booking_no = 'B-30' WHERE seq = 3"))
    site.run(lambda: site.count("source_differences") == 2)
    # The next look says the same.
    site.run(lambda: site.ask("SELECT version FROM source_positions")[0][0] > 4)
    found = site.ask("SELECT kind, booking, about FROM source_differences ORDER BY kind")
    assert found == [("missing", "B-2", ""), ("moved", "B-3", "B-30")]
    assert site.ask("SELECT count(*) FROM entries WHERE body LIKE '%jail.release%'") == [(0,)]


def test_connector_waits_when_the_database_is_away(tmp_path, server, jail):
    site = site_of(tmp_path, jail)
    insert(jail, 1)
    jail.dispose()
    server.stop("immediate")
    try:
        site.start()
        site.wait(lambda: b"source.failing" in site.told.read_bytes())
    finally:
        server.start_again()
    site.wait(lambda: site.count() == 1)
    assert site.stop() == 0
    assert "B-1" not in site.told.read_text()


@pytest.fixture
def table(tmp_path, jail):
    """Makes what reads a query."""
    url, opened = tmp_path / "url", []
    url.write_text(jail.url.render_as_string(hide_password=False))
    url.chmod(0o600)

    def made(query, **settings):
        given = {"name": "db", "kind": "sql", "mapping": tmp_path / "m", "url_file": url, "query": query, **settings}
        source = SqlSource.model_validate(given)
        opened.append(Table(source, open_source(source)))
        return opened[-1]

    yield made
    for each in opened:
        each.close()


JOINED = "SELECT 1 AS seq, 'OPEN' AS status, 'ICE HOLD' AS status"


def test_query_is_refused_when_two_of_its_columns_have_one_name(table):
    changes = table(JOINED, position="seq", key=["seq"])
    for read in (table(JOINED, mode="snapshot").everything, lambda: changes.page(None, None)):
        with pytest.raises(SourceError, match="db: the query has status more than once"):
            read()


def test_row_is_told_and_none_passed_over_when_one_lacks_a_part_of_its_key(table):
    query = "SELECT * FROM (VALUES (1, 7), (1, NULL), (NULL, 9)) t (at, seq)"
    rows = table(query, position="at", key=["seq"], batch_rows=2)
    assert [row["seq"] for row in rows.page(None, None)] == [7, None]
    assert rows.unplaced() == 2
    with pytest.raises(SourceError, match="db: a row lacks seq, and there are more behind it"):
        rows.page(None, [1, None])


POSITIONS = [
    5,
    -3,
    b"\x00" * 7 + b"\x09",
    __import__("datetime").datetime(2026, 3, 2, tzinfo=__import__("datetime").UTC),
]


@pytest.mark.parametrize("at", POSITIONS, ids=str)
def test_position_is_read_as_it_was_written(at):
    position = position_of(at, "c")
    assert read_position(position.written()) == position
    assert position.before(seconds=10, rows=4) < position.at


def test_position_is_refused_when_it_does_not_grow():
    no_numbers = [Decimal(text) for text in ("NaN", "sNaN", "Infinity", "-Infinity", "5.5")]
    for value in ("text", None, True, 1.5, *no_numbers):
        with pytest.raises(SourceError):
            position_of(value, "c")
    assert Position(b"\x00" * 8).before(seconds=0, rows=9) == b"\x00" * 8


def test_row_is_read_again_when_taking_it_in_failed(tmp_path, jail, monkeypatch):
    from integration.runners.connect import polling
    from integration.runners.connect.polling import SqlFeed

    failed = []
    whole = SqlFeed._take

    async def failing(self, inputs, position, version):
        if not failed:
            failed.append(len(inputs))
            raise SourceError("cut off between reading and taking in")
        return await whole(self, inputs, position, version)

    monkeypatch.setattr(polling.SqlFeed, "_take", failing)
    monkeypatch.setattr("integration.runners.connect.run._FIRST_WAIT", 0.01)
    site = site_of(tmp_path, jail)
    insert(jail, *range(5))
    site.run(lambda: site.count() == 5)
    assert failed == [5]


DETROIT = ZoneInfo("America/Detroit")
NOW = datetime(2026, 11, 1, 6, 5, tzinfo=UTC)
"""01:05 in Detroit, for the second time."""


@pytest.mark.parametrize(
    ("at", "ahead", "because"),
    [
        (NOW, False, "now"),
        (NOW + timedelta(seconds=60), False, "the database's clock may be off by the overlap"),
        (NOW + timedelta(seconds=61), True, "but not by more"),
        (datetime(2026, 11, 1, 1, 59, 50), False, "Detroit, before the clock was put back"),  # noqa: DTZ001
        (datetime(2026, 11, 1, 6, 5), False, "UTC, without saying so"),  # noqa: DTZ001
        (datetime(2026, 11, 1, 7, 11), True, "no clock showed it"),  # noqa: DTZ001
        (2**62, False, "a number says nothing of the time"),
    ],
)
def test_position_is_ahead_when_its_time_has_not_come(at, ahead, because):
    assert Position(at).is_ahead(NOW, DETROIT, seconds=60) is ahead, because


def test_repeated_hour_is_looked_at_again_when_the_position_has_no_zone():
    last = Position(datetime(2026, 11, 1, 1, 59, 50))  # noqa: DTZ001
    assert last.before(seconds=60, rows=0) <= datetime(2026, 11, 1, 1, 0)  # noqa: DTZ001
