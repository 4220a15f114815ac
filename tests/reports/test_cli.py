"""``holdwatch report`` on a real installation: filed, made again, mailed, tallied."""

import asyncio
import json
import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
import structlog

from integration.bootstrap import open_desk, open_installation
from integration.cli import main, reporting
from integration.errors import TransientError
from integration.runners.replay import replay
from integration.services.intake import Input
from integration.settings import load_settings
from tests.connectors.email.test_email import Mailbox, relay
from tests.reports.logs import SOURCE, ZONE, event, known_at
from tests.reports.story import CANARIES, DETAINER, EVENTS

SETTINGS = """
[site]
name = "test-jail"
state_dir = "{root}/state"
[log]
origin = "audit.example/reports"
[[facilities]]
source = "{source}"
zone = "{zone}"
packs = [{{ pack = "ma-welcoming-community" }}]
[reports]
formats = ["html", "json"]
"""
PERIOD = ("--from", "2026-01-01", "--to", "2026-07-01")


class Site:
    def __init__(self, root: Path, run) -> None:
        self.root = root
        self.out = root / "out"
        self.settings = root / "holdwatch.toml"
        self._run = run
        self.write_settings()
        self.take(sorted(EVENTS, key=known_at))

    def write_settings(self, extra: str = "") -> None:
        (self.root / "state").mkdir(exist_ok=True)
        self.settings.write_text(SETTINGS.format(root=self.root, source=SOURCE, zone=ZONE) + extra)

    def take(self, lines: list[bytes]) -> None:
        installation = open_installation(load_settings(self.settings))
        desk = open_desk(installation.store, installation.pack_for, place="test-jail", earlier=installation.packs)
        replay((Input(f"x:{sha256(line).hexdigest()}", line) for line in lines), desk)
        installation.checkpointer.publish()
        installation.store.close()

    def run(self, *words: object, status: int = 0):
        ran = self._run(*words, "--settings", self.settings)
        assert ran[0] == status, ran
        return ran

    def report(self, *words: object, status: int = 0) -> dict:
        ran = self.run("report", *words, "--json", status=status)
        return json.loads(ran[1]) if ran[1] else {}

    def entries(self, kind: str) -> list[dict]:
        installation = open_installation(load_settings(self.settings))
        try:
            return [orjson.loads(row.body or b"{}") for row in installation.records.entries_of_kinds([kind])]
        finally:
            installation.store.close()


@pytest.fixture
def holdwatch(monkeypatch, capsysbinary):
    def run(*words: object) -> tuple[int, bytes, str]:
        capsysbinary.readouterr()
        monkeypatch.setattr(sys, "argv", ["holdwatch", *map(str, words)])
        status = 0
        try:
            main()
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 1
        told = capsysbinary.readouterr()
        return status, told.out, told.err.decode()

    yield run
    structlog.reset_defaults()


@pytest.fixture
def site(tmp_path, holdwatch) -> Site:
    return Site(tmp_path, holdwatch)


def test_an_entry_says_what_left_when_a_report_is_made(site):
    told = site.report("council", *PERIOD, "--format", "csv", "--format", "json", "--out", site.out, "--actor", "clerk")
    (entry,) = site.entries("report.filed")
    assert (entry["actor"], entry["outcome"], entry["source"]) == ("clerk", "filed", SOURCE)
    for each in told["files"]:
        path = Path(each["file"])
        assert entry["detail"]["files"][path.suffix[1:]] == sha256(path.read_bytes()).hexdigest() == each["sha256"]
    report = json.loads((site.out / Path(told["files"][1]["file"]).name).read_bytes())
    assert report["asked"]["root"] == told["root_hash"] == entry["detail"]["root"]
    assert report["sections"][0]["tables"][0]["rows"][-1][-1] == 4


def test_no_file_is_there_when_it_cannot_be_recorded(site, monkeypatch):
    class Desk:
        def __init__(self, _installation) -> None: ...

        def entry(self, *_args, **_more) -> None: ...

        def write(self, _prepare) -> None:
            raise TransientError("the database is locked")

    monkeypatch.setattr(reporting, "audit_desk", Desk)
    site.report("gate", *PERIOD, "--out", site.out, status=3)
    assert [path.name for path in site.out.iterdir() if not path.name.startswith(".")] == []


def test_a_report_is_the_same_byte_for_byte_when_it_is_made_again_later(site):
    forms = [word for form in ("html", "csv", "xlsx", "json", "pdf") for word in ("--format", form)]
    filed = [site.report(kind, *PERIOD, *forms, "--out", site.out)["entry"] for kind in ("council", "parity")]
    site.take([event(90, "hold.placed", "2026-03-02T09:30", {"hold_id": "x", **DETAINER}, booking="B-9")])
    for index in filed:
        again = site.report("remake", index, "--out", site.root / "again")
        assert len(again) == 5
        assert all(each["same"] for each in again)
    for path in (site.root / "again").iterdir():
        assert path.read_bytes() == (site.out / path.name).read_bytes()
    fresh = site.report("council", *PERIOD, *forms, "--out", site.root / "fresh")
    assert {each["sha256"] for each in fresh["files"]}.isdisjoint(
        sha256(path.read_bytes()).hexdigest() for path in site.out.iterdir()
    )


def test_a_report_made_again_differs_when_an_entry_was_sealed(site):
    index = site.report("council", *PERIOD, "--out", site.out)["entry"]
    site.run("audit", "seal", 2, "--authority", "order 7", "--actor", "clerk")
    again = site.report("remake", index, "--out", site.root / "again", status=1)
    assert [each["same"] for each in again] == [False]


def test_nothing_is_made_again_when_the_entry_files_no_report(site):
    assert "files no report" in site.run("report", "remake", 0, status=2)[2]


def test_an_exported_log_gives_the_installations_figures_when_it_is_counted(site):
    told = site.report("council", *PERIOD, "--format", "json", "--out", site.out)
    site.run("audit", "export", site.root / "export")
    again = site.report(
        "council", *PERIOD, "--format", "json", "--out", site.root / "x", "--log", site.root / "export", "--zone", ZONE,
        "--facility", SOURCE,
    )  # fmt: skip
    assert again["entry"] is None
    one, two = (json.loads(Path(each["files"][0]["file"]).read_bytes()) for each in (told, again))
    assert one["sections"] == two["sections"]
    assert one["asked"]["size"] < two["asked"]["size"], "the filing and the export are entries"
    remade = site.run(
        "report", "remake", told["entry"], "--log", site.root / "export", "--out", site.root / "y", status=2
    )
    assert "the export ends at" in remade[2]


def test_reports_are_filed_once_when_the_timer_fires_often(site):
    filed = site.report("file", "--today", "2026-07-02")
    names = sorted(Path(each["file"]).name for each in filed)
    facility = "jms-a"
    assert names == [
        f"council-m-4_{facility}_2026-01-01_2026-06-30{copy}.{form}"
        for copy in ("-public", "") for form in ("html", "json")
    ]  # fmt: skip
    assert {each["what"] for each in site.report("file", "--today", "2026-12-31")} == {"filed before"}
    assert len(site.entries("report.filed")) == 2
    assert {each["what"] for each in site.report("file", "--today", "2027-01-01")} == {"filed"}


@contextmanager
def mailbox(box: Mailbox | None = None) -> Iterator[Mailbox]:
    """A real SMTP server in a thread of its own: the command runs an event loop itself."""
    ready, done, got = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with relay() as own:
            own.answers = box.answers if box else []
            got.append(own)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(60)
    try:
        yield got[0]
    finally:
        done.set()
        thread.join(60)


MAIL = """
[reports.email]
host = "localhost"
port = {port}
sender = "holdwatch@jail.example"
recipients = ["clerk@city.example"]
"""


def test_the_public_copy_is_mailed_and_recorded_when_it_is_asked_for(site):
    with mailbox() as box:
        site.write_settings(MAIL.format(port=box.port))
        site.report("file", "--mail", "--today", "2026-07-02")
        site.report("file", "--mail", "--today", "2026-07-03")
    ((to, raw),) = box.taken
    message = message_from_bytes(raw, policy=policy.default)
    attached = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
    assert to == ["clerk@city.example"]
    assert sorted(attached) == [f"council-m-4_jms-a_2026-01-01_2026-06-30-public.{form}" for form in ("html", "json")]
    for name, content in attached.items():
        assert content == (site.root / "state" / "reports" / name).read_bytes()
    (entry,) = site.entries("report.delivered")
    assert (entry["outcome"], entry["detail"]["to"], entry["detail"]["public"]) == ("delivered", "email", True)
    assert not [canary for canary in CANARIES if canary.encode() in raw]


def test_mail_is_tried_again_when_the_relay_refused_it(site):
    with mailbox(Mailbox(answers=["554 no"])) as box:
        site.write_settings(MAIL.format(port=box.port))
        site.report("file", "--mail", "--today", "2026-07-02", status=3)
        site.report("file", "--mail", "--today", "2026-07-03")
    assert [entry["outcome"] for entry in site.entries("report.delivered")] == ["failed", "delivered"]
    assert len(site.entries("report.filed")) == 2, "filed once, each copy"
    assert len(box.taken) == 1


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_filing_is_ended_when_it_was_killed_after_its_entry(site, monkeypatch):
    folder = site.root / "state" / "reports"
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        site.report("file", "--today", "2026-07-02", status=3)
    (first,) = site.entries("report.filed")
    assert all(name.startswith(".") for name in names(folder))
    told = site.report("file", "--today", "2026-07-03")
    assert {Path(each["file"]).name for each in told if each["what"] == "filed"} == set(names(folder))
    assert not [name for name in names(folder) if name.startswith(".")]
    digests = {sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert set(first["detail"]["files"].values()) <= digests
    assert len(site.entries("report.filed")) == 2, "each copy once"


@pytest.mark.parametrize("lost", [False, True], ids=["from its file", "made again"])
def test_the_mail_holds_what_was_filed_when_it_leaves_later(site, lost):
    folder = site.root / "state" / "reports"
    site.report("file", "--today", "2026-07-02")
    filed = {name: (folder / name).read_bytes() for name in names(folder) if "public" in name}
    site.take([event(90, "hold.placed", "2026-03-02T09:30", {"hold_id": "x", **DETAINER}, booking="B-9")])
    if lost:
        for name in filed:
            (folder / name).unlink()
    with mailbox() as box:
        site.write_settings(MAIL.format(port=box.port))
        site.report("file", "--mail", "--today", "2026-07-03")
    ((_, raw),) = box.taken
    message = message_from_bytes(raw, policy=policy.default)
    assert {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()} == filed
    (entry,) = site.entries("report.delivered")
    (public,) = [each["detail"] for each in site.entries("report.filed") if each["detail"]["public"]]
    assert {**entry["detail"], "to": "folder"} == public


def test_nobody_else_reads_a_report_when_the_umask_is_wide(site):
    before = os.umask(0o022)
    try:
        site.report("file", "--today", "2026-07-02")
        site.report("tally", "--today", "2026-07-02")
        site.report("remake", site.report("gate", *PERIOD, "--out", site.out)["entry"], "--out", site.root / "again")
    finally:
        os.umask(before)
    for folder in (site.root / "state" / "reports", site.out, site.root / "again"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}, folder


def test_the_tally_outlives_the_log_and_names_nobody_when_it_is_brought_up_to_date(site):
    path = site.root / "tally.json"
    old = {"facility": SOURCE, "table": "requests", "row": "immigration_detainer", "column": "other", "count": 3}
    path.write_bytes(orjson.dumps([{**old, "month": month} for month in ("2015-01", "2020-05", "2026-02")]))
    told = site.report("tally", "--out", path, "--today", "2026-07-02")
    rows = json.loads(path.read_bytes())
    assert told["rows"] == len(rows)
    assert {row["month"] for row in rows} >= {"2020-05", "2025-11", "2026-02"}
    assert "2015-01" not in {row["month"] for row in rows}, "older than the tally is kept"
    february = [row for row in rows if row["month"] == "2026-02" and row["table"] == "requests"]
    assert sum(row["count"] for row in february) == 3
    assert not [number for number in ("B-1", "B-2", "e-1", *CANARIES) if number in path.read_text()]
    before = path.read_bytes()
    site.report("tally", "--out", path, "--today", "2026-07-02")
    assert path.read_bytes() == before


def test_no_name_is_in_log_or_files_when_every_input_had_one(site):
    for kind in ("council", "parity", "holds", "gate"):
        site.report(kind, *PERIOD, "--format", "html", "--format", "json", "--format", "csv", "--out", site.out)
    told = [path.read_bytes() for path in site.out.iterdir()]
    told += [orjson.dumps(entry) for entry in site.entries("report.filed")]
    assert not [canary for canary in CANARIES for each in told if canary.encode() in each]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("council", "--from", "2026-07-01", "--to", "2026-01-01"), "ends before it begins"),
        (("council", "--from", "July", "--to", "2026-01-01"), "give a day"),
        (("council", *PERIOD, "--facility", "/jms/x"), "no such source"),
        (("council", *PERIOD, "--columns", "mars"), "no column set"),
        (("council", *PERIOD, "--zone", "Mars/Base"), "no IANA time zone"),
        (("gate", *PERIOD, "--public", "--suppress-below", "2"), "protects nobody"),
        (("reconcile", *PERIOD), "--ice, --paper or both"),
        (("parity", *PERIOD, "--log", "nowhere"), "no exported log"),
        (("file", "--mail"), "no mailbox"),
    ],
)
def test_the_command_says_what_is_wrong_when_it_cannot_be_done(site, words, said):
    assert said in site.run("report", *words, status=2)[2]


def test_a_column_set_of_ones_own_is_counted_when_its_file_is_given(site):
    own = site.root / "our town's.toml"
    shipped = Path(__file__).parents[2] / "integration" / "policy" / "columns" / "m-4.toml"
    own.write_text(shipped.read_text().replace('title = "Report', 'title = "Our report'))
    told = site.report("council", *PERIOD, "--columns", own, "--out", site.out)
    (path,) = (Path(each["file"]) for each in told["files"])
    assert path.parent == site.out
    assert "Our report" in path.read_text()
    own.write_text("id = 7")
    assert "id: " in site.run("report", "council", *PERIOD, "--columns", own, status=2)[2]


@pytest.mark.parametrize("damage", [b"x\n", b'{"index":0,"entry":{"kind":\n', b'{"index":0,"entry":[]}\n'])
def test_an_exported_log_that_is_damaged_is_told_when_it_is_counted(site, damage):
    site.run("audit", "export", site.root / "export")
    path = site.root / "export" / "audit.jsonl"
    path.write_bytes(damage + b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    ran = site.run("report", "gate", *PERIOD, "--log", site.root / "export", "--zone", ZONE, status=3)
    assert "entry" in ran[2]


def test_column_sets_say_how_far_their_text_was_checked_when_listed(holdwatch):
    status, told, _ = holdwatch("report", "columns", "--json")
    assert status == 0
    assert {each["id"]: each["checked"] for each in json.loads(told)} == {
        "m-4": "full_text", "illinois": "excerpts", "new-york-city": "excerpts"
    }  # fmt: skip


def test_the_command_refuses_or_says_so_when_copies_overlap(site, tmp_path):
    small = ("--public", "--suppress-below", "3", "--format", "html")
    site.report("council", *PERIOD, *small, "--out", site.out)
    days = ("--from", "2026-02-01", "--to", "2026-03-01")
    _, _, told = site.run("report", "council", *days, *small, "--out", tmp_path / "second", status=2)
    assert "subtracting" in told
    assert "--despite-earlier" in told
    assert not (tmp_path / "second").exists()
    made = site.report("council", *days, *small, "--despite-earlier", "--out", tmp_path / "second")
    assert "Not for publication beside" in Path(made["files"][0]["file"]).read_text()
    last = made["entry"]
    site.report("remake", last, "--out", tmp_path / "again")


def test_the_timer_goes_on_and_says_so_when_one_public_copy_is_refused(site):
    site.report("council", *PERIOD, "--public", "--suppress-below", "3", "--out", site.out)
    site.write_settings('kinds = ["holds", "parity"]\n')
    told = site.report("file", "--today", "2026-07-02", status=1)
    what = [each["what"].partition(":")[0] for each in told]
    assert what.count("refused") == 1, what
    assert len(site.entries("report.filed")) == 1 + 3, "the clerk's copies, and parity's public one"
