"""The auditor's script: from tiles, entries and checkpoint to the report's numbers, without anything of ours."""

import ast
import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from integration.audit.checkpoint import parse
from integration.reports.making import make
from integration.reports.rendering.jsons import to_json
from tests.reports.logs import ZONE, asked, bodies

SCRIPT = Path(__file__).with_name("auditor.py")


def audit(log: Path, *more: object) -> subprocess.CompletedProcess:
    # Isolated and without site-packages: whatever is imported comes with Python.
    command = [sys.executable, "-I", "-S", SCRIPT, log, "--vkey", log / "vkey", "--zone", ZONE]
    period = ["--from", "2026-01-01", "--to", "2026-07-01"]
    return subprocess.run([*command, *period, *more], capture_output=True, text=True, timeout=120, check=False)


def report_of(log: Path, size: int, **more: object) -> bytes:
    request = asked("council", size, root=parse((log / "checkpoint").read_bytes()).root.hex(), **more)
    return to_json(make(request, bodies(log)), request)


@pytest.fixture
def copy(half_year, tmp_path) -> Path:
    return Path(shutil.copytree(half_year, tmp_path / "copy"))


def test_the_script_imports_the_standard_library_alone_when_it_is_read():
    tree = ast.parse(SCRIPT.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize("facility", ["", "/sim/millbrook"])
def test_the_auditor_ends_at_the_reports_numbers_when_the_log_is_whole(half_year, half_year_size, tmp_path, facility):
    path = tmp_path / "report.json"
    path.write_bytes(report_of(half_year, half_year_size, facility=facility))
    ran = audit(half_year, "--facility", facility, "--report", path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert sum(map(sum, json.loads(ran.stdout)["requests"]))


def test_the_auditor_says_so_when_a_report_has_another_number(half_year, half_year_size, tmp_path):
    report = orjson.loads(report_of(half_year, half_year_size))
    report["sections"][0]["tables"][0]["rows"][0][1] += 1
    path = tmp_path / "report.json"
    path.write_bytes(orjson.dumps(report))
    ran = audit(half_year, "--report", path)
    assert ran.returncode == 1
    assert "DIFFERS: requests" in ran.stderr


def _change_entry(log: Path) -> None:
    path = log / "audit.jsonl"
    path.write_bytes(path.read_bytes().replace(b"immigration_detainer", b"notification_requestx", 1))


def _cut_line(log: Path) -> None:
    lines = (log / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (log / "audit.jsonl").write_bytes(b"".join(lines[:100] + lines[101:]))


def _cut_end(log: Path) -> None:
    lines = (log / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (log / "audit.jsonl").write_bytes(b"".join(lines[:-1]))


def _change_leaf(log: Path) -> None:
    path = log / "tile" / "entries" / "000"
    path.write_bytes(path.read_bytes().replace(b'"commit":"', b'"commit":"', 1)[:-3] + b"xyz")


def _change_tile(log: Path) -> None:
    path = log / "tile" / "0" / "001"
    path.write_bytes(bytes(32) + path.read_bytes()[32:])


def _change_size(log: Path) -> None:
    path = log / "checkpoint"
    lines = path.read_bytes().split(b"\n")
    lines[1] = str(int(lines[1]) - 1).encode()
    path.write_bytes(b"\n".join(lines))


def _change_signature(log: Path) -> None:
    path = log / "checkpoint"
    head, _, encoded = path.read_bytes().rstrip(b"\n").rpartition(b" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[40] ^= 1
    path.write_bytes(head + b" " + base64.b64encode(raw) + b"\n")


def _hide_entry(log: Path) -> None:
    lines = (log / "audit.jsonl").read_bytes().splitlines(keepends=True)
    row = orjson.loads(lines[50])
    lines[50] = orjson.dumps({**row, "salt": None, "entry": None}) + b"\n"
    (log / "audit.jsonl").write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    "change",
    [_change_entry, _cut_line, _cut_end, _change_leaf, _change_tile, _change_size, _change_signature, _hide_entry],
    ids=lambda change: change.__name__.strip("_"),
)
def test_the_auditor_refuses_the_log_when_somebody_changed_it(copy, change):
    change(copy)
    ran = audit(copy)
    assert ran.returncode == 1
    assert "NOT VERIFIED" in ran.stderr


def test_the_auditor_refuses_the_log_when_another_key_is_published(half_year, tmp_path):
    from integration.audit.note import SigningKey

    other = tmp_path / "other"
    other.write_text(SigningKey.generate("audit.example/reports").vkey)
    assert audit(half_year, "--vkey", other).returncode == 1
