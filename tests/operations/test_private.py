"""What holdwatch writes is its own, whatever the umask of whoever started it."""

import os
import stat
from pathlib import Path

from tests.cli.conftest import EVENTS, end

ROOT = Path(__file__).resolve().parents[2]


def test_nobody_else_can_read_the_state_folder_when_the_umask_is_wide(site, on_site):
    before = os.umask(0o022)
    try:
        service = site.serve()
        try:
            site.drop("events.jsonl", EVENTS)
            site.wait_for("events.jsonl")
            on_site("backup", site.root / "saved")
        finally:
            assert end(service) == 0
    finally:
        os.umask(before)
    state = site.root / "state"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.rglob("*") if path.is_file()}
    wide = {name for name, mode in modes.items() if mode != 0o600}
    assert {name for name in wide if (state / name).stat().st_size} == set()
    assert {"holdwatch.sqlite", "anchor", "heartbeat"} <= set(modes)


def test_the_jails_system_can_write_there_when_the_guide_says_where_files_are_dropped():
    """The state folder is closed to everybody else; the drop folder is its group's."""
    rules = (ROOT / "deploy/systemd/holdwatch.tmpfiles").read_text().splitlines()
    dropped = next(line.split()[1] for line in rules if line.startswith("d ") and " 2770 " in line)
    guide = (ROOT / "docs/connectors.md").read_text()
    paths = [line.partition('"')[2].rstrip('"') for line in guide.splitlines() if line.startswith('path = "/var/')]
    assert paths
    assert all(path.startswith(dropped) for path in paths), paths
