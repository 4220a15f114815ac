"""A week of an invented jail through each connector gives the findings that the contract's own form gives."""

import asyncio

import asyncssh
import httpx
import orjson
import pytest
from sqlalchemy import create_engine, text

from integration.bootstrap import connect_ports
from integration.clock import WallClock
from integration.services.intake import Input
from tests.connectors import week
from tests.connectors.jms_sftp.test_sftp import Jail, put
from tests.connectors.jms_webhook.test_webhook import SECRET, signed
from tests.connectors.running import Site, findings
from tests.store.postgres import Server, program


def take_all(site):
    """Take the events in as they are."""
    with site.opened() as installation:
        ports = connect_ports(installation, WallClock())
        now = ports.clock.now()
        inputs = [Input(str(number), line) for number, line in enumerate(week.lines())]
        for at in range(0, len(inputs), 500):
            ports.intake.take(inputs[at : at + 500], lambda _event: now, pass_time=lambda _now: None)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What intake makes of the events as they are."""
    site = Site(tmp_path_factory.mktemp("own"), "", source=week.FACILITY.source, batch=500)
    take_all(site)
    found = findings(site)
    assert len({row[2] for row in found}) >= 5, "a week in which too little happens shows nothing"
    assert "status_information_received" in {row[2] for row in found}
    return found, site.count()


def held_to(site, expected):
    found, events = expected
    assert site.count() == events
    assert site.count("dead_letters") == 0
    assert findings(site) == found


def made(tmp_path, sources):
    (tmp_path / "m.toml").write_text(week.mapping())
    site = Site(tmp_path, sources.format(root=tmp_path), source=week.FACILITY.source, batch=200)
    site.make()
    return site


def test_findings_are_the_same_when_the_week_comes_as_tables(tmp_path, expected):
    site = made(tmp_path, '[[sources]]\nname = "d"\nkind = "csv"\nmapping = "{root}/m.toml"\npath = "{root}/drop"\n')
    drop = tmp_path / "drop"
    drop.mkdir()
    rows = [week.row_of(line) for line in week.lines()]
    for number in range(7):
        # Each day's file begins with the end of the last one's.
        part = rows[max(0, number * len(rows) // 7 - 20) : (number + 1) * len(rows) // 7]
        (drop / f"{number}.csv").write_bytes(week.table(part))
    site.run(lambda: len(list((drop / "processed").glob("*"))) == 7, seconds=100)
    held_to(site, expected)


def test_findings_are_the_same_when_the_week_is_fetched_by_sftp(tmp_path, expected):
    (tmp_path / "remote").mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "user").write_bytes(key.export_private_key())
    (tmp_path / "user").chmod(0o600)
    with Jail(tmp_path / "remote", key).open() as jail:
        (tmp_path / "host.pub").write_bytes(jail.key.export_public_key())
        site = made(
            tmp_path,
            '[[sources]]\nname = "far"\nkind = "sftp"\nhost = "127.0.0.1"\nport = '
            + str(jail.port)
            + '\nuser = "jms"\n'
            'host_key_file = "{root}/host.pub"\nkey_file = "{root}/user"\nremote = "/"\nto = "{root}/drop"\n'
            "settled_seconds = 0\nevery_seconds = 0.05\n"
            '[[sources]]\nname = "d"\nkind = "csv"\nmapping = "{root}/m.toml"\npath = "{root}/drop"\n',
        )
        rows = [week.row_of(line) for line in week.lines()]
        for number in range(7):
            part = rows[max(0, number * len(rows) // 7 - 20) : (number + 1) * len(rows) // 7]
            put(jail, f"{number}.csv", week.table(part))
        site.run(lambda: len(list((tmp_path / "drop" / "processed").glob("*"))) == 7, seconds=100)
    held_to(site, expected)


def test_findings_are_the_same_when_the_week_comes_over_https(tmp_path, expected):
    secret = tmp_path / "s"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    # The test asks for a free port; the connector is asked which one it got by its log, so one is chosen here.
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    site = made(
        tmp_path,
        '[[sources]]\nname = "w"\nkind = "webhook"\nport = ' + str(port) + '\nsecret_files = ["{root}/s"]\n'
        'form = "records"\nmapping = "{root}/m.toml"\n',
    )
    rows = [dict.fromkeys(week.columns(), "") | week.row_of(line) for line in week.lines()]

    async def send():
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            for number in range(0, len(rows), 100):
                body = orjson.dumps(rows[number : number + 100])
                for _ in range(2):  # everything is sent twice
                    answer = await client.post(
                        f"http://127.0.0.1:{port}/events", content=body, headers=signed(body, f"m-{number}")
                    )
                    assert answer.status_code == 200, answer.text

    async def both():
        sending = asyncio.create_task(send())
        await site.running(sending.done, seconds=100)
        await sending

    asyncio.run(both())
    held_to(site, expected)


@pytest.mark.skipif(program("initdb") is None, reason="PostgreSQL is not installed")
def test_findings_are_the_same_when_the_week_is_polled(tmp_path, expected):
    server = Server()
    try:
        jail = create_engine(server.new_database())
        names = ", ".join(f'"{name}" text' for name in week.columns())
        with jail.begin() as connection:
            connection.execute(text(f"CREATE TABLE journal (seq serial PRIMARY KEY, {names})"))
        url = tmp_path / "url"
        url.write_text(jail.url.render_as_string(hide_password=False))
        url.chmod(0o600)
        site = made(
            tmp_path,
            '[[sources]]\nname = "q"\nkind = "sql"\nmapping = "{root}/m.toml"\nurl_file = "{root}/url"\n'
            'query = "SELECT * FROM journal"\nposition = "seq"\nkey = ["id"]\nevery_seconds = 0.05\nbatch_rows = 150\n',
        )
        rows = [week.row_of(line) for line in week.lines()]
        filled = [[row.get(name, "") for name in week.columns()] for row in rows]
        marks = ", ".join(["%s"] * len(week.columns()))
        quoted = ", ".join(f'"{name}"' for name in week.columns())
        for half in (filled[: len(filled) // 2], filled[len(filled) // 2 :]):
            with jail.begin() as connection:
                insert = f"INSERT INTO journal ({quoted}) VALUES ({marks})"
                connection.connection.cursor().executemany(insert, half)
            ids = len({row[0] for row in filled[: filled.index(half[-1]) + 1]})
            site.run(lambda wanted=ids: site.count() >= wanted, seconds=100)
        held_to(site, expected)
        jail.dispose()
    finally:
        server.remove()
