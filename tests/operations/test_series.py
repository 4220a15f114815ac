"""A series of backups: what stays, what goes, and what the log says of each night."""

import sqlite3
from types import SimpleNamespace

from integration.cli import backup as backing
from integration.runners.keysafe import unlock_keys
from tests.operations.test_backup import NOW, PHRASE


def outcomes(on_site) -> list[str]:
    shown = on_site("audit", "show", "--last", "500", "--json").json
    return [row["entry"]["outcome"] for row in shown if row["entry"]["kind"] == "backup.made"]


def test_every_night_has_a_key_file_of_its_own_when_a_series_is_kept(site, on_site, monkeypatch):
    series, safe, phrase = site.root / "series", site.root / "safe", site.root / "phrase"
    safe.mkdir()
    phrase.write_bytes(PHRASE)
    phrase.chmod(0o600)
    clock = iter(range(NOW, NOW + 10**12, 86_400_000_000))
    monkeypatch.setattr(backing, "WallClock", lambda: SimpleNamespace(now=lambda: next(clock)))
    (series / "2020-01-01T000000Z.partial").mkdir(parents=True)  # of a night on which the machine went down
    for _ in range(3):
        ran = on_site("backup", "--keep", "2", series, "--keys", safe / "hw.keys", "--passphrase-file", phrase)
        assert ran.status == 0, ran.err
    nights = sorted(path.name for path in series.iterdir())
    assert len(nights) == 2
    assert sorted(path.name for path in safe.iterdir()) == [f"hw-{night}.keys" for night in nights]
    assert unlock_keys(safe / f"hw-{nights[0]}.keys", PHRASE)
    assert outcomes(on_site) == ["begun", "made"] * 3


def test_nothing_is_copied_or_logged_when_the_key_file_is_there_already(site, on_site):
    for name in ("phrase", "keys.safe"):
        (site.root / name).write_bytes(PHRASE)
        (site.root / name).chmod(0o600)
    ran = on_site(
        "backup", site.root / "saved", "--keys", site.root / "keys.safe", "--passphrase-file", site.root / "phrase"
    )
    assert ran.status == 2
    assert "never written over" in ran.err
    assert outcomes(on_site) == []


def test_the_log_says_so_and_nothing_is_left_when_a_backup_failed(site, on_site):
    with sqlite3.connect(site.database) as link:
        link.execute("UPDATE findings SET severity = 'advice'")
    assert on_site("backup", "--keep", "2", site.root / "series").status == 3
    assert list((site.root / "series").iterdir()) == []
    assert outcomes(on_site) == ["begun", "failed"]
