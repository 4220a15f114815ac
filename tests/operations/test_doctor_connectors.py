"""`holdwatch doctor sources` over real sources: a database, an SFTP server, an endpoint, a folder; well and broken."""

import socket
import time
from contextlib import closing

import asyncssh
import pytest
from sqlalchemy import create_engine, text

from integration.cli.doctor_connectors import check
from integration.cli.doctor_keys import check as check_keys
from integration.services.doctor import Level
from integration.settings import load_settings
from integration.store.sources import SqlSources
from tests.connectors.jms_sftp.test_sftp import Jail, put
from tests.connectors.running import Site
from tests.store.postgres import Server, program

MAPPING = """\
version = 1
source = "/jms/example-county"
zone = "America/Detroit"
[record]
booking = "booking_no"
[[events]]
name = "held"
type = "hold.placed"
time = "placed_at"
data = { hold_id = "seq", kind = { value = "charge" } }
"""
SOURCES = """
[[sources]]
name = "db"
kind = "sql"
mapping = "{root}/m.toml"
url_file = "{root}/url"
query = "SELECT seq, booking_no, placed_at FROM holds"
position = "seq"
key = ["seq"]
[[sources]]
name = "far"
kind = "sftp"
host = "127.0.0.1"
port = {sftp}
user = "jms"
host_key_file = "{root}/host.pub"
key_file = "{root}/user"
remote = "/"
to = "{root}/drop"
[[sources]]
name = "dump"
kind = "csv"
mapping = "{root}/m.toml"
path = "{root}/drop"
[[sources]]
name = "hook"
kind = "webhook"
port = {port}
secret_files = ["{root}/secret"]
form = "records"
mapping = "{root}/m.toml"
[[sources]]
name = "cdc"
kind = "debezium"
mapping = "{root}/m.toml"
servers = ["127.0.0.1:{closed}"]
topic = "jail"
"""

pytestmark = pytest.mark.skipif(program("initdb") is None, reason="PostgreSQL is not installed")


@pytest.fixture(scope="module")
def server():
    made = Server()
    yield made
    made.remove()


@pytest.fixture
def site(tmp_path, server):
    jail = create_engine(server.new_database())
    with jail.begin() as connection:
        connection.execute(text("CREATE TABLE holds (seq int, booking_no text, placed_at timestamp)"))
    jail.dispose()
    for name, content in {
        "url": jail.url.render_as_string(hide_password=False),
        "secret": "x",
        "m.toml": MAPPING,
    }.items():
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o600)
    for name in ("remote", "drop"):
        (tmp_path / name).mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "user").write_bytes(key.export_private_key())
    (tmp_path / "user").chmod(0o600)
    listening, free = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    closed = free.getsockname()[1]
    free.close()
    with closing(listening), Jail(tmp_path / "remote", key).open() as opened:
        (tmp_path / "host.pub").write_bytes(opened.key.export_public_key())
        (tmp_path / "host.pub").chmod(0o644)  # public
        put(opened, "a.csv", b"x")
        port = listening.getsockname()[1]
        site = Site(tmp_path, SOURCES.format(root=tmp_path, sftp=opened.port, port=port, closed=closed))
        site.make()
        site.listening = listening
        yield site


def told(site):
    with site.opened() as installation, installation.store.engine.connect() as connection:
        return {each.check: each for each in check(load_settings(site.settings), connection)}


def test_everything_is_well_when_each_source_is_there(site):
    with site.opened() as installation, installation.store.engine.begin() as connection:
        now = time.time_ns() // 1000
        SqlSources(installation.store.engine).write_position("db", "{}", 0, now)(connection)
    found = told(site)
    well = ("db.mapping", "db.reach", "db.cursor", "far.reach", "dump.reach", "hook.mapping", "hook.reach")
    assert {name: found[f"sources.{name}"].level for name in well} == dict.fromkeys(well, Level.OK)
    assert found["sources.far.reach"].text == "1 files wait there"
    assert not list((site.root / "drop").glob("*.csv")), "nothing is fetched"
    # The one that is not there, and those that have brought nothing yet.
    assert found["sources.cdc.reach"].level is Level.FAULT
    assert found["sources.hook.cursor"].level is Level.WARNING


def test_each_is_found_when_it_is_broken(site, server):
    (site.root / "m.toml").write_text(MAPPING.replace('"placed_at"', '"no_such_column"'))
    assert "lacks no_such_column" in told(site)["sources.db.reach"].text
    (site.root / "m.toml").write_text(MAPPING + "surprise = 1\n")
    found = told(site)
    assert found["sources.db.mapping"].level is found["sources.dump.mapping"].level is Level.FAULT
    (site.root / "m.toml").write_text(MAPPING)
    site.listening.close()
    (site.root / "url").write_text("postgresql+psycopg://u:geheim@127.0.0.1:1/x?connect_timeout=1")
    (site.root / "host.pub").write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_public_key())
    with site.opened() as installation, installation.store.engine.begin() as connection:
        old = time.time_ns() // 1000 - 3 * 86_400_000_000
        SqlSources(installation.store.engine).write_position("db", "{}", 0, old)(connection)
    found = told(site)
    for name in ("db.reach", "far.reach", "hook.reach", "cdc.reach"):
        assert found[f"sources.{name}"].level is Level.FAULT, name
        assert found[f"sources.{name}"].todo
    assert found["sources.db.cursor"].level is Level.WARNING
    assert "geheim" not in "".join(each.text for each in found.values())


def test_credentials_that_others_can_read_are_found_and_a_public_key_is_none(site):
    for name in ("secret", "url", "user"):
        (site.root / name).chmod(0o644)
    found = {each.check: each.level for each in check_keys(load_settings(site.settings))}
    for label in ("db.url_file", "far.key_file", "hook.secret_files"):
        assert found[f"keys.sources.{label}"] is Level.FAULT, found
    assert not [name for name in found if "host_key" in name]
