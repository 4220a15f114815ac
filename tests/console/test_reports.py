"""Reports in the console: chosen, made in the background, taken, made again; each an entry before anybody has it."""

import csv
import io
import os
from hashlib import sha256

import openpyxl
import orjson
import pytest
import structlog
from typer.testing import CliRunner

from integration.cli.app import app
from integration.console.access import Scope
from integration.console.making import State
from integration.errors import TransientError
from integration.reports.asked import ReportKind
from tests.console.site import HERE, THERE, Console

YEAR = {"first": "2026-01-01", "last": "2026-12-31"}
FORMS = ["html", "csv", "xlsx", "json"]


def jobs_of(console):
    return console.app._app.state.jobs


def run(*arguments: str) -> bytes:
    """Give a command in this process, and return what it prints."""
    try:
        told = CliRunner().invoke(app, list(arguments))
    finally:
        structlog.reset_defaults()  # or logs would go on to a stream that is closed now
    assert told.exit_code == 0, told.output
    return told.stdout_bytes


async def made(visitor, facility=HERE, forms=("csv", "json"), **more):
    """Make a report, and return its job."""
    asked = {"kind": "council", **YEAR, "format": list(forms), **more}
    answer = await visitor.post("/reports", page="/reports", facility=facility, **asked)
    assert answer.status_code == 303, answer.text
    job = answer.headers["location"].rpartition("/")[2]
    assert jobs_of(visitor.console).wait(job, 60)
    return jobs_of(visitor.console).job(job)


@pytest.mark.parametrize("kind", [kind.value for kind in ReportKind if kind is not ReportKind.RECONCILE])
async def test_report_is_there_in_each_format_when_it_was_recorded(console, kind):
    visitor = await console.visitor("compliance")
    forms = [*FORMS, "pdf"] if kind == "council" else FORMS
    job = await made(visitor, kind=kind, forms=forms)
    assert (job.state, job.why) == (State.DONE, "")
    (entry,) = console.entries("report.made")
    assert (entry["actor"], entry["outcome"], entry["source"]) == ("officer:compliance", "made", HERE)
    assert set(entry["detail"]["files"]) == set(forms)
    for form, digest in entry["detail"]["files"].items():
        answer = await visitor.get(f"/reports/{job.index}/file/{form}")
        assert sha256(answer.content).hexdigest() == digest
        assert answer.headers["content-disposition"].startswith("attachment")
        taken = console.entries("audit.exported")[-1]
        assert (taken["detail"], taken["source"]) == ({"report": job.index, "format": form}, HERE)
    page = await visitor.get("/reports")
    assert f"/reports/{job.index}/file/xlsx" in page.text
    assert "Made." in (await visitor.get(f"/reports/jobs/{job.job_id}")).text


async def test_figures_are_those_of_the_command_when_both_count_the_same_log(console, tmp_path):
    visitor = await console.visitor("auditor")
    job = await made(visitor, forms=["json"])
    ours = orjson.loads((await visitor.get(f"/reports/{job.index}/file/json")).content)
    settings = str(console.root / "holdwatch.toml")
    to = ("--from", "2026-01-01", "--to", "2027-01-01", "--format", "json", "--out", str(tmp_path / "out"))
    run("report", "council", *to, "--facility", HERE, "--settings", settings, "--actor", "x")
    (path,) = (tmp_path / "out").glob("*.json")
    theirs = orjson.loads(path.read_bytes())
    assert ours["sections"][0] == theirs["sections"][0]
    assert ours["asked"]["root"] != theirs["asked"]["root"], "the log has grown by what the console did"


async def test_what_is_due_is_filed_all_the_same_when_somebody_made_it_to_look_at(filled, tmp_path):
    console = Console(filled, tmp_path, '[reports]\nformats = ["csv"]\n')
    try:
        visitor = await console.visitor("compliance")
        await made(visitor, first="2025-01-01", last="2025-12-31", forms=["csv"])
        settings = str(console.root / "holdwatch.toml")
        told = run("report", "file", "--today", "2026-03-02", "--settings", settings, "--actor", "x", "--json")
        assert {each["what"] for each in orjson.loads(told)} == {"filed"}
        page = await visitor.get("/reports")
        assert "council m-4, filed" in page.text
        (first, *_), count = console.parts.records.newest_of_kinds(["report.filed"], 9), 4
        assert len(console.entries("report.filed")) == count, "two facilities, two copies"
        answer = await visitor.get(f"/reports/{first.leaf_index}/file/csv")
        assert answer.status_code == 200, "from the folder that it was filed in"
    finally:
        await console.close()


async def test_report_is_the_same_when_it_is_made_again_and_differs_when_the_record_does(console):
    visitor = await console.visitor("compliance")
    job = await made(visitor, forms=FORMS)
    for path in jobs_of(console).folder.iterdir():
        path.unlink()
    assert (await visitor.get(f"/reports/{job.index}/file/csv")).status_code == 410

    async def again():
        answer = await visitor.post(f"/reports/{job.index}/again", page="/reports")
        name = answer.headers["location"].rpartition("/")[2]
        assert jobs_of(console).wait(name, 60)
        return await visitor.get(f"/reports/jobs/{name}")

    assert "byte for byte, in every format" in (await again()).text
    assert console.entries("report.compared")[-1]["outcome"] == "same"
    assert (await visitor.get(f"/reports/{job.index}/file/csv")).status_code == 200, "it is kept again"

    from integration.services.auditing import AuditDesk

    desk = AuditDesk(console.parts.installation.store, place="x", now=console.clock.now)
    desk.seal(console.parts.records, 2, authority="Order 7", actor="officer:x")
    assert "It differs" in (await again()).text
    last = console.entries("report.compared")[-1]
    assert (last["outcome"], last["detail"]["entry"]) == ("differs", job.index)
    assert last["detail"]["changed"]


async def test_changed_file_is_not_handed_out_when_somebody_wrote_into_it(console):
    visitor = await console.visitor("compliance")
    job = await made(visitor, forms=["csv"])
    (path,) = jobs_of(console).folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
    assert (await visitor.get(f"/reports/{job.index}/file/csv")).status_code == 410
    assert not console.entries("audit.exported")


async def test_old_files_go_when_another_report_is_made(console):
    visitor = await console.visitor("compliance")
    await made(visitor, forms=["csv"])
    (path,) = jobs_of(console).folder.iterdir()
    os.utime(path, (0, 0))
    await made(visitor, forms=["json"])
    assert [each.suffix for each in jobs_of(console).folder.iterdir()] == [".json"]


async def test_nothing_can_be_had_when_it_cannot_be_recorded(console, monkeypatch):
    visitor = await console.visitor("compliance")

    def refuse(*_args, **_more):
        raise TransientError("the database is locked")

    monkeypatch.setattr(console.parts.pen, "record", refuse)
    job = await made(visitor, forms=["csv"])
    monkeypatch.undo()
    assert (job.state, job.why) == (State.FAILED, "the database is locked")
    assert [path.name for path in jobs_of(console).folder.iterdir() if not path.name.startswith(".")] == []
    assert "could not be made" in (await visitor.get(f"/reports/jobs/{job.job_id}")).text


WRONG = [
    ({"kind": "reconcile"}, "its lists are too large for a form"),
    ({"kind": "x"}, "there is none"),
    ({"first": "2026-12-31", "last": "2026-01-01"}, "it ends before it begins"),
    ({"first": "soon"}, "no day"),
    ({"last": "9999-12-31"}, "there is no day after it"),
    ({"columns": "../../etc/passwd"}, "no set of columns that is offered"),
    ({"format": []}, "no format"),
    ({"format": ["exe"]}, "no format of ours"),
    ({"below": "-1"}, "no threshold"),
    ({"facility": "", "public": "yes"}, "no policy says what is small"),
]


async def test_nothing_is_made_when_it_is_asked_for_wrongly(console):
    visitor = await console.visitor("compliance")
    for more, because in WRONG:
        form = {"kind": "council", "facility": HERE, **YEAR, "format": ["csv"], **more}
        answer = await visitor.post("/reports", page="/reports", **form)
        assert answer.status_code == 400, because
        assert 'role="alert"' in answer.text
    assert not jobs_of(console).unfinished()


async def test_facilitys_reports_are_its_own_peoples_when_somebody_has_no_role_elsewhere(console):
    visitor, local = await console.visitor("compliance"), await console.visitor("local")
    here, there = await made(visitor, forms=["csv"]), await made(local, facility=THERE, forms=["csv"])
    everywhere = await made(visitor, facility="", forms=["csv"])
    page = (await local.get("/reports")).text
    assert f"/reports/{there.index}/file/csv" in page
    for hidden in (here, everywhere):
        assert f"/reports/{hidden.index}/" not in page
        assert (await local.get(f"/reports/{hidden.index}/file/csv")).status_code == 404
        assert (await local.get(f"/reports/jobs/{hidden.job_id}")).status_code == 404
        assert (await local.post(f"/reports/{hidden.index}/again", page="/reports")).status_code == 404
    for source in (HERE, ""):
        form = {"kind": "council", "facility": source, **YEAR, "format": ["csv"]}
        assert (await local.post("/reports", page="/reports", **form)).status_code == 404
    assert (await visitor.get(f"/reports/{there.index}/file/csv")).status_code == 200


async def test_page_says_how_far_it_is_when_a_report_is_being_made(console, monkeypatch):
    import threading

    from integration.runners import reporting

    going, seen = threading.Event(), threading.Event()
    whole = reporting.made

    def slow(source, asked, forms, lists):
        for count, _ in enumerate(source.bodies(asked.size), 1):
            if count == 5:
                seen.set()
                assert going.wait(60)
        return whole(source, asked, forms, lists)

    monkeypatch.setattr(reporting, "made", slow)
    visitor = await console.visitor("compliance")
    form = {"kind": "gate", "facility": HERE, **YEAR, "format": ["csv"]}
    where = (await visitor.post("/reports", page="/reports", **form)).headers["location"]
    assert seen.wait(60)
    try:
        page = (await visitor.get(where)).text
        assert 'value="5" aria-label="Entries counted"' in page
        assert 'hx-trigger="every 1s"' in page
        assert f'href="{where}"' in page, "without scripts"
        assert where in (await visitor.get("/reports")).text
        assert "5 of" in (await visitor.get(f"{where}/now")).text
    finally:
        going.set()
    assert jobs_of(console).wait(where.rpartition("/")[2], 60)
    part = (await visitor.get(f"{where}/now")).text
    assert "hx-trigger" not in part
    visitor.client.cookies.clear()
    over = await visitor.get(f"{where}/now", headers={"hx-request": "true"})
    assert (over.status_code, over.headers["hx-refresh"]) == (401, "true"), "no log-in inside a page"


async def test_work_is_let_go_of_when_the_console_stops(console):
    jobs = jobs_of(console)
    visitor = await console.visitor("compliance")
    jobs.stop()
    form = {"kind": "gate", "facility": HERE, **YEAR, "format": ["csv"]}
    where = (await visitor.post("/reports", page="/reports", **form)).headers["location"]
    assert jobs.job(where.rpartition("/")[2]).state is State.WAITING
    assert not console.entries("report.made")


async def test_program_makes_and_takes_a_report_when_its_key_allows(console):
    key = console.parts.people.make_token("auditor", list(Scope), 1, by="test")
    client = console.client(authorization=f"Bearer {key}")
    asked = {"kind": "holds", "facility": HERE, **YEAR, "formats": ["csv", "xlsx"]}
    begun = await client.post("/api/v1/reports", json=asked)
    assert begun.status_code == 202, begun.text
    assert jobs_of(console).wait(begun.json()["job"], 60)
    done = (await client.get(f"/api/v1/reports/jobs/{begun.json()['job']}")).json()
    assert (done["state"], done["read"]) == ("done", done["of"])
    rows = csv.reader(io.StringIO((await client.get(f"/api/v1/reports/{done['report']}/files/csv")).text))
    assert next(rows) == ["section", "table", "row", "column", "value"]
    book = openpyxl.load_workbook(
        io.BytesIO((await client.get(f"/api/v1/reports/{done['report']}/files/xlsx")).content)
    )
    assert "About" in book.sheetnames
    assert (await client.get("/api/v1/reports")).json()["reports"][0]["report"] == done["report"]
    again = await client.post(f"/api/v1/reports/{done['report']}/again")
    assert jobs_of(console).wait(again.json()["job"], 60)
    assert (await client.get(f"/api/v1/reports/jobs/{again.json()['job']}")).json()["changed"] == []
    for wrong in ({**asked, "kind": "reconcile"}, {**asked, "formats": []}, {**asked, "first": "x"}, {}):
        assert (await client.post("/api/v1/reports", json=wrong)).status_code == 400
