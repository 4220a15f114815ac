"""Reconciliations in the console: other people's lists laid beside the log, read and not kept."""

import base64
from hashlib import sha256

import orjson

from integration.console.access import Scope
from integration.console.making import State
from tests.console.site import HERE, HOSTILE, THERE
from tests.console.test_reports import YEAR, jobs_of, run
from tests.reports.test_reconcile import ICE, PAPER

DAYS = {"first": "2026-03-01", "last": "2026-03-31"}
LIST = PAPER.replace("2026-02-01,I-247A", "2026-03-02,I-247A")
"""Names the one paper of booking B-1; and a person, who has no business in any report."""


async def asked(visitor, *, ice: str = "", paper: str = "", forms=("json", "csv"), **more):
    form = {"csrf": await visitor.token("/reports/reconcile"), "facility": HERE, "format": list(forms), **DAYS, **more}
    files = {name: (f"{name}.csv", content) for name, content in (("ice", ice), ("paper", paper)) if content}
    return await visitor.client.post("/reports/reconcile", data=form, files=files or {"ice": ("", b"")})


def done(console, answer):
    assert answer.status_code == 303, answer.text
    job = answer.headers["location"].rpartition("/")[2]
    assert jobs_of(console).wait(job, 60)
    return jobs_of(console).job(job)


async def test_lists_are_compared_as_by_the_command_when_they_are_sent_to_the_page(console, tmp_path):
    visitor = await console.visitor("compliance")
    job = done(console, await asked(visitor, ice=ICE, paper=LIST, list_facility="jaila", days="2"))
    assert (job.state, job.why) == (State.DONE, "")
    (entry,) = console.entries("report.made")
    assert entry["detail"]["report"] == "reconcile"
    assert entry["detail"]["lists"] == {
        name: sha256(text.encode()).hexdigest() for name, text in (("ice", ICE), ("paper", LIST))
    }
    ours = orjson.loads((await visitor.get(f"/reports/{job.index}/file/json")).content)
    for name, text in (("ice", ICE), ("paper", LIST)):
        (tmp_path / f"{name}.csv").write_text(text)
    to = ("--from", "2026-03-01", "--to", "2026-04-01", "--facility", HERE, "--ice-facility", "jaila", "--days", "2")
    lists = ("--ice", str(tmp_path / "ice.csv"), "--paper", str(tmp_path / "paper.csv"))
    more = ("--out", str(tmp_path / "out"), "--settings", str(console.root / "holdwatch.toml"), "--actor", "x")
    run("report", "reconcile", *to, *lists, "--format", "json", *more)
    (path,) = (tmp_path / "out").glob("*.json")
    theirs = orjson.loads(path.read_bytes())
    assert ours["sections"] == theirs["sections"]
    assert "B-1" in str(ours["sections"])
    page = await visitor.get("/reports")
    assert "by `holdwatch report remake`" in page.text


async def test_lists_are_nowhere_when_the_report_is_made(console):
    visitor = await console.visitor("compliance")
    job = done(console, await asked(visitor, paper=LIST))
    assert job.wish is not None
    assert job.wish.lists == {}
    kept = [path for path in (console.root / "state").rglob("*") if path.is_file()]
    assert [path for path in kept if b"Quillfeather" in path.read_bytes() and "sqlite" not in path.name] == []
    everything = b"".join(row.body or b"" for row in console.parts.records.entries())
    assert b"Quillfeather" not in everything


WRONG = [
    ({}, "no list was chosen"),
    ({"paper": "a,b\n1,2\n"}, "the column that everything hangs on is missing"),
    ({"paper": LIST, "days": "32"}, "the lists differ by too much"),
    ({"paper": LIST, "days": "-1"}, "that is no number of days"),
    ({"paper": LIST, "days": "1" * 9}, "nor is that"),
    ({"paper": LIST, "first": "2026-04-01"}, "it ends before it begins"),
    ({"paper": LIST, "first": "soon"}, "that is no day"),
    ({"paper": LIST, "forms": []}, "it has no format"),
    ({"paper": LIST, "forms": ["exe"]}, "there is no such format"),
    ({"paper": LIST, "list_facility": "Quillfeather"}, "a name may not get into the log as a facility"),
    ({"ice": ICE, "list_facility": "Quillfeather"}, "nor with a list that has no such facility"),
    ({"paper": 'received\n"' + "x" * 200_000}, "a cell is longer than any"),
]


async def test_nothing_is_made_when_something_is_wrong_with_the_form(console):
    visitor = await console.visitor("compliance")
    for more, because in WRONG:
        answer = await asked(visitor, **more)
        assert answer.status_code == 400, because
        assert "Quillfeather" not in answer.text, because
    assert jobs_of(console).unfinished() == []
    assert console.entries("report.made") == []


async def test_hostile_list_stays_inert_when_its_cells_are_formulas_and_markup(console):
    visitor = await console.visitor("compliance")
    rows = (
        f'Received,Form,Booking\n2026-03-02,I-247A,"{HOSTILE.replace(chr(34), chr(34) * 2)}"\n2026-03-03,I-247A,=1+1\n'
    )
    job = done(console, await asked(visitor, paper=rows, forms=["html", "csv"]))
    assert job.state is State.DONE, job.why
    html = (await visitor.get(f"/reports/{job.index}/file/html")).text
    assert "<script>alert" not in html
    csv = (await visitor.get(f"/reports/{job.index}/file/csv")).text
    assert ",=1+1" not in csv


async def test_lists_are_compared_when_a_program_sends_them(console):
    key = console.parts.people.make_token("auditor", list(Scope), 1, by="test")
    client = console.client(authorization=f"Bearer {key}")

    async def send(**more):
        asked = {"facility": HERE, **YEAR, "formats": ["json"], **more}
        return await client.post("/api/v1/reconciliations", json=asked)

    paper = base64.b64encode(LIST.encode()).decode()
    answer = await send(paper=paper)
    assert answer.status_code == 202, answer.text
    assert jobs_of(console).wait(answer.json()["job"], 60)
    told = (await client.get(f"/api/v1/reports/jobs/{answer.json()['job']}")).json()
    assert told["state"] == "done"
    taken = await client.get(f"/api/v1/reports/{told['report']}/files/json")
    assert taken.json()["asked"]["lists"] == {"paper": sha256(LIST.encode()).hexdigest()}
    for wrong in ({}, {"paper": "!"}, {"paper": paper, "days": 32}, {"paper": paper, "list_facility": "x"}):
        assert (await send(**wrong)).status_code == 400, wrong
    assert (await send(paper=paper, facility=THERE)).status_code == 202
    assert (await send(paper=paper, facility="/jms/nowhere")).status_code == 404


async def test_lists_are_not_taken_when_they_are_too_long_or_the_facility_is_closed(console):
    visitor = await console.visitor("compliance")
    assert (await asked(visitor, paper="x" * (9 * 2**20))).status_code == 413
    local = await console.visitor("local")
    assert (await asked(local, paper=LIST)).status_code == 404
    assert (await asked(local, paper=LIST, facility="")).status_code == 404
