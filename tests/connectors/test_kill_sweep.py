"""Each connector killed at moments nobody chose, over and over, until its week is in: nothing lost, nothing doubled.

``pytest -m by_hand tests/connectors/test_kill_sweep.py``. The suite has one kill or two of each connector in its own
tests; this is the wide sweep: kills at random moments, from before it has opened anything to its last batch.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random

import asyncssh
import httpx
import orjson
import pytest
from sqlalchemy import create_engine, text

from connectors.jms_niem.inputs import inputs_of
from connectors.jms_niem.jtmp import read_envelope
from connectors.jms_niem.mapping import load_mapping as niem_mapping
from integration.bootstrap import connect_ports
from integration.clock import WallClock
from tests.connectors import story, week
from tests.connectors.jms_sftp.test_sftp import Jail, put
from tests.connectors.jms_webhook.test_webhook import SECRET, signed
from tests.connectors.running import Site, findings
from tests.connectors.test_story import MAPPING, Engine
from tests.connectors.test_week import take_all
from tests.store.postgres import Server, program

pytestmark = [
    pytest.mark.by_hand,
    pytest.mark.skipif(program("initdb") is None, reason="PostgreSQL is not installed"),
]
KILLS = 25
Push = Callable[[], bool]
"""Does what the other side does meanwhile; tells whether everything has been handed over and read."""


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("own"), "", source=week.FACILITY.source, batch=500)
    take_all(site)
    return findings(site), site.count()


def rows() -> list[dict[str, str]]:
    return [week.row_of(line) for line in week.lines()]


def tables(folder: Path, parts: int = 12) -> None:
    found = rows()
    for number in range(parts):
        part = found[max(0, number * len(found) // parts - 20) : (number + 1) * len(found) // parts]
        (folder / f"{number:02}.csv").write_bytes(week.table(part))


def read_all(drop: Path, parts: int = 12) -> Push:
    return lambda: sum(each.is_file() for each in (drop / "processed").glob("*.csv")) == parts


def by_csv(root: Path, _stack: ExitStack, _port: int) -> tuple[str, Push]:
    (root / "drop").mkdir()
    tables(root / "drop")
    return f'[[sources]]\nname = "d"\nkind = "csv"\nmapping = "{root}/m.toml"\npath = "{root}/drop"\n', read_all(
        root / "drop"
    )


def by_sftp(root: Path, stack: ExitStack, _port: int) -> tuple[str, Push]:
    (root / "remote").mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    (root / "user").write_bytes(key.export_private_key())
    (root / "user").chmod(0o600)
    jail = stack.enter_context(Jail(root / "remote", key).open())
    (root / "host.pub").write_bytes(jail.key.export_public_key())
    tables(root / "remote")
    for path in (root / "remote").iterdir():
        put(jail, path.name, path.read_bytes())
    sources = (
        f'[[sources]]\nname = "far"\nkind = "sftp"\nhost = "127.0.0.1"\nport = {jail.port}\nuser = "jms"\n'
        f'host_key_file = "{root}/host.pub"\nkey_file = "{root}/user"\nremote = "/"\nto = "{root}/drop"\n'
        "settled_seconds = 0\nevery_seconds = 0.02\n"
        f'[[sources]]\nname = "d"\nkind = "csv"\nmapping = "{root}/m.toml"\npath = "{root}/drop"\n'
        "look_every_seconds = 0.02\n"
    )
    return sources, read_all(root / "drop")


def by_sql(root: Path, stack: ExitStack, _port: int) -> tuple[str, Push]:
    server = Server()
    stack.callback(server.remove)
    jail = create_engine(server.new_database())
    stack.callback(jail.dispose)
    names = ", ".join(f'"{name}" text' for name in week.columns())
    quoted = ", ".join(f'"{name}"' for name in week.columns())
    marks = ", ".join(["%s"] * len(week.columns()))
    with jail.begin() as connection:
        connection.execute(text(f"CREATE TABLE journal (seq serial PRIMARY KEY, {names})"))
        filled = [[row.get(name, "") for name in week.columns()] for row in rows()]
        cursor = connection.connection.cursor()
        cursor.executemany(f"INSERT INTO journal ({quoted}) VALUES ({marks})", filled)
    (root / "url").write_text(jail.url.render_as_string(hide_password=False))
    (root / "url").chmod(0o600)
    wanted = len({row[0] for row in filled})
    return (
        f'[[sources]]\nname = "q"\nkind = "sql"\nmapping = "{root}/m.toml"\nurl_file = "{root}/url"\n'
        'query = "SELECT * FROM journal"\nposition = "seq"\nkey = ["id"]\nevery_seconds = 0.05\nbatch_rows = 25\n'
    ), lambda: _count(root) >= wanted


def _count(root: Path) -> int:
    with sqlite3.connect(f"file:{root}/state/holdwatch.sqlite?mode=ro", uri=True, timeout=10) as link:
        return int(link.execute("SELECT count(*) FROM inbox").fetchone()[0])


def by_webhook(root: Path, stack: ExitStack, port: int) -> tuple[str, Push]:
    told = [dict.fromkeys(week.columns(), "") | row for row in rows()]
    bodies = [json.dumps(told[at : at + 20]).encode() for at in range(0, len(told), 20)]
    return _endpoint(root, port, "records"), _posting(bodies, stack, port)


def _endpoint(root: Path, port: int, form: str) -> str:
    (root / "secret").write_text(SECRET)
    (root / "secret").chmod(0o600)
    return (
        f'[[sources]]\nname = "w"\nkind = "webhook"\nport = {port}\nsecret_files = ["{root}/secret"]\n'
        f'form = "{form}"\nmapping = "{root}/m.toml"\n'
    )


def _posting(bodies: list[bytes], stack: ExitStack, port: int) -> Push:
    """A sender that repeats each message, with its id, until it is answered."""
    client = stack.enter_context(httpx.Client(trust_env=False, timeout=5))
    waiting = list(enumerate(bodies))

    def push() -> bool:
        if not waiting:
            return True
        number, body = waiting[0]
        try:
            answer = client.post(f"http://127.0.0.1:{port}/events", content=body, headers=signed(body, f"m-{number}"))
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            del waiting[0]
        return not waiting

    return push


def swept(site: Site, push: Push, seed: int) -> int:
    """Start and kill at random moments; the last time let it work to the end. Returns how many kills hit work."""
    dice, kills = Random(seed), 0
    for _ in range(KILLS):
        site.start()
        # From before it has opened anything to well into its work.
        until = time.monotonic() + dice.random() * 3
        while time.monotonic() < until and not push():
            time.sleep(0.005)
        site.kill()
        kills += 1
        if push():
            break
    site.start()
    try:
        site.wait(push, seconds=300)
        assert site.stop() == 0
    finally:
        site.clean_up()
    return kills


WEEKS = {"csv": by_csv, "sftp": by_sftp, "sql": by_sql, "webhook": by_webhook}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", WEEKS)
def test_nothing_is_lost_or_doubled_when_a_connector_is_killed_over_and_over(tmp_path, expected, free_port, way, seed):
    (tmp_path / "m.toml").write_text(week.mapping())
    with ExitStack() as stack:
        sources, push = WEEKS[way](tmp_path, stack, free_port)
        site = Site(tmp_path, sources, source=week.FACILITY.source, batch=20)
        site.make()
        kills = swept(site, push, seed)
    assert kills >= 3
    assert (findings(site), site.count()) == expected
    assert site.count("dead_letters") == 0
    once(site)


def once(site: Site) -> None:
    """Each event has one entry."""
    told = [orjson.loads(body) for (body,) in site.ask("SELECT body FROM entries WHERE kind = 'event.accepted'")]
    kept = {event_id for (event_id,) in site.ask("SELECT event_id FROM inbox") if not event_id.startswith("\x01")}
    assert sorted(each["detail"]["event_id"] for each in told) == sorted(kept)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", ["niem", "jtmp"])
def test_nothing_is_lost_or_doubled_when_a_reader_of_documents_is_killed_over_and_over(tmp_path, free_port, way, seed):
    (tmp_path / "m.toml").write_text(MAPPING)
    told = story.stays(120)
    with ExitStack() as stack:
        if way == "jtmp":
            sources = _endpoint(tmp_path, free_port, "jtmp")
            push, kind = _posting([body for _, body in story.envelopes(told)], stack, free_port), Site
        else:
            drop, documents = tmp_path / "drop", story.reports(told)
            sources, kind = f'[[drop_folders]]\npath = "{drop}"\nmapping = "{tmp_path}/m.toml"\n', Engine
            drop.mkdir()
            for number, (_, document) in enumerate(documents):
                (drop / f"{number:04}.xml").write_bytes(document)

            def push() -> bool:
                return sum(each.is_file() for each in (drop / "processed").glob("*.xml")) == len(documents)

        site = kind(tmp_path, sources)
        site.make()
        swept(site, push, seed)
    once(site)
    assert site.count("dead_letters") == 0
    assert findings(site) == undisturbed(tmp_path / "own", told, way)


def undisturbed(root: Path, told: list[story.Stay], way: str) -> list[tuple[object, ...]]:
    """What the documents say when nothing is killed, through the same mapping and intake."""
    mapping = niem_mapping(root.parent / "m.toml")
    site = Site(root, "")
    with site.opened() as installation:
        ports = connect_ports(installation, WallClock())
        now = ports.clock.now()
        for number, (_, raw) in enumerate(story.envelopes(told) if way == "jtmp" else story.reports(told)):
            if way == "jtmp":
                envelope = read_envelope(raw)
                inputs = list(inputs_of(f"{number}", envelope.document, mapping, received_at=envelope.sent_at))
            else:
                inputs = list(inputs_of(f"{number}", raw, mapping, received_at=None))
            ports.intake.take(inputs, lambda _event: now, pass_time=lambda _now: None)
    return findings(site)
