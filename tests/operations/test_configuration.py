"""Packs, mapping files and scans of an installation's own: in the backup, tried by a drill, put back, never over."""

import shutil
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest
import structlog
from typer.testing import CliRunner

from integration.cli.app import app
from integration.errors import FatalError, UsageError
from integration.policy import packs
from integration.runners.configuration import PutBack, collect, put_back, try_out
from integration.runners.typing_in import scans_of
from integration.settings import load_settings
from tests.conftest import ROOT
from tests.connectors.running import Site

EXAMPLE = ROOT / "connectors" / "jms_csv" / "example" / "mapping.toml"
SCAN = b"%PDF-1.7 a fax"


@pytest.fixture
def site(tmp_path):
    own = tmp_path / "etc"
    shutil.copytree(Path(packs.__path__[0]) / "lansing-eo-2017-01", own / "our-pack")
    shutil.copy(EXAMPLE, own / "charges.toml")
    (own / "niem.toml").write_text('source = "/jms/example-county"\nzone = "America/Detroit"\n')
    site = Site(
        tmp_path,
        f'[[sources]]\nname = "c"\nkind = "csv"\nmapping = "{own}/charges.toml"\npath = "{tmp_path}/in"\n'
        f'[[drop_folders]]\npath = "{tmp_path}/drop"\nmapping = "{own}/niem.toml"\n',
    )
    site.settings.write_text(site.settings.read_text().replace("lansing-eo-2017-01", f"{own}/our-pack"))
    with site.opened() as installation:
        scans_of(installation).keep(SCAN)
    (tmp_path / "state" / "handovers").mkdir()
    (tmp_path / "state" / "handovers" / f"{7:012}.note").write_text("handed over")
    return site


@pytest.fixture
def command():
    def run(*words):
        try:
            done = CliRunner().invoke(app, [str(word) for word in words])
        finally:
            structlog.reset_defaults()
        return SimpleNamespace(status=done.exit_code, error=done.exception, raw=done.stdout_bytes)

    return run


@pytest.fixture
def saved(site, command, tmp_path):
    ran = command("backup", tmp_path / "saved", "--settings", site.settings)
    assert ran.status == 0, ran.error
    return tmp_path / "saved"


def restored(command, site, saved, *more):
    shutil.copytree(site.root / "state" / "keys", site.root / "new" / "keys")
    return command("restore", saved, "--to", site.root / "new", "--json", *more)


def test_everything_is_back_where_it_was_when_the_machine_was_lost(site, command, saved):
    was = {path: path.read_bytes() for path in (site.root / "etc").rglob("*") if path.is_file()}
    shutil.rmtree(site.root / "etc")
    ran = restored(command, site, saved)
    assert ran.status == 0, ran.error
    assert {path: path.read_bytes() for path in (site.root / "etc").rglob("*") if path.is_file()} == was
    assert set(orjson.loads(ran.raw)["configuration"].values()) == {"written"}
    shutil.rmtree(site.root / "state")
    (site.root / "new").rename(site.root / "state")
    with site.opened() as installation:
        assert scans_of(installation).read(sha256(SCAN).hexdigest()) == SCAN
    assert (site.root / "state" / "handovers" / f"{7:012}.note").read_text() == "handed over"


def test_nothing_is_written_over_when_a_file_has_changed_since(site, command, saved):
    (site.root / "etc" / "charges.toml").write_text("# mended since\n")
    ran = restored(command, site, saved)
    told = orjson.loads(ran.raw)["configuration"]
    assert told.pop(str(site.root / "etc" / "charges.toml")) == "other"
    assert set(told.values()) == {"same"}
    assert (site.root / "etc" / "charges.toml").read_text() == "# mended since\n"


def test_drill_loads_each_of_them_and_writes_nothing(site, command, saved):
    shutil.rmtree(site.root / "etc")
    ran = command("restore", saved, "--drill", "--json")
    assert ran.status == 0, ran.error
    assert orjson.loads(ran.raw)["configuration_tried"] == 3
    assert not (site.root / "etc").exists()


def test_nothing_is_put_back_when_somebody_put_a_file_into_the_backup(site, command, saved):
    """Who can write to the backup can write its manifest, too; but the log names the file by its hash."""
    evil = collect(load_settings(site.settings)).replace(b"our-pack", b"etc-cron")
    (saved / "configuration.tar").write_bytes(evil)
    manifest = orjson.loads((saved / "manifest.json").read_bytes())
    manifest["files"]["configuration.tar"] = {"sha256": sha256(evil).hexdigest(), "bytes": len(evil)}
    (saved / "manifest.json").write_bytes(orjson.dumps(manifest))
    shutil.rmtree(site.root / "etc")
    ran = restored(command, site, saved)
    assert isinstance(ran.error, FatalError)
    assert "the log names" in str(ran.error)
    assert not (site.root / "etc").exists()
    assert isinstance(command("restore", saved, "--drill").error, FatalError)


def test_drill_fails_when_a_pack_would_not_load(site):
    (site.root / "etc" / "our-pack" / "pack.toml").write_text("no pack")
    with pytest.raises(FatalError, match="our-pack of the backup does not load"):
        try_out(collect(load_settings(site.settings)))


def test_backup_is_not_made_when_a_file_of_it_is_missing(site, command, tmp_path):
    (site.root / "etc" / "niem.toml").unlink()
    ran = command("backup", tmp_path / "saved", "--settings", site.settings)
    assert isinstance(ran.error, UsageError)
    assert not (tmp_path / "saved").exists()


def test_collection_is_the_same_when_it_is_made_twice_and_refused_when_it_is_cut(site):
    settings = load_settings(site.settings)
    whole = collect(settings)
    assert whole == collect(settings)
    assert {what for _, what in put_back(whole)} == {PutBack.SAME}
    for content in (whole[:700], b"no tar", whole[:512]):
        with pytest.raises(FatalError):
            put_back(content)
