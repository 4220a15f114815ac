"""Papers typed in by hand: what they become, who is recorded, where the scan is, what is refused."""

import stat
from hashlib import sha256
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import orjson
import pytest
import structlog
from pydantic import TypeAdapter
from typer.testing import CliRunner

from connectors.manual.form import Act, Form, event_of
from integration.bootstrap import connect_ports
from integration.cli.app import app
from integration.clock import WallClock
from integration.errors import FatalError, UsageError
from integration.runners.typing_in import enter, scans_of
from integration.services.intake import Input
from schemas.entries import Entry
from schemas.events import parse
from schemas.kinds import HoldKind
from tests.connectors.running import Site, findings

SOURCE = "/jms/example-county"
LOGGED = TypeAdapter(Entry)
SCAN = b"%PDF-1.7 A-Number 012 345 678 Quillfeather, born in Freedonia"
HASH = sha256(SCAN).hexdigest()
DETROIT = ZoneInfo("America/Detroit")
PAPER = Form(
    Act.RECEIVED,
    SOURCE,
    "B-1",
    "2026-03-02T10:00",
    kind=HoldKind.IMMIGRATION_DETAINER,
    form="I-247A",
    issuer={"agency": "ICE", "court": ""},
)


def told(number, kind, at, data, booking="B-1"):
    event = {"specversion": "1.0", "id": f"e-{number}", "source": SOURCE, "subject": booking, "time": at}
    return Input(str(number), orjson.dumps({**event, "type": f"jail.{kind}.v1", "data": data}))


@pytest.fixture
def site(tmp_path):
    """A person held on a charge that is dropped at 13:00."""
    site = Site(tmp_path, "")
    with site.opened() as installation:
        ports = connect_ports(installation, WallClock())
        now = ports.clock.now()
        batch = [
            told(1, "booking.opened", "2026-03-02T08:00:00-05:00", {}),
            told(2, "hold.placed", "2026-03-02T08:00:00-05:00", {"hold_id": "c", "kind": "charge"}),
            told(3, "hold.lifted", "2026-03-02T13:00:00-05:00", {"hold_id": "c"}),
        ]
        ports.intake.take(batch, lambda _event: now, pass_time=lambda _now: None)
    return site


@pytest.fixture
def command(site):
    def run(*arguments):
        words = [*map(str, arguments), "--settings", str(site.settings)]
        try:
            done = CliRunner().invoke(app, words)
        finally:
            structlog.reset_defaults()  # or logs would go on to a stream that is closed now
        if isinstance(done.exception, UsageError):
            return SimpleNamespace(status=2, text=str(done.exception), raw=done.stdout_bytes)
        assert done.exception is None, done.exception
        return SimpleNamespace(status=done.exit_code, text=done.output, raw=done.stdout_bytes)

    return run


def accepted(site):
    rows = site.ask("SELECT body FROM entries WHERE kind = 'event.accepted' ORDER BY leaf_index")
    return [LOGGED.validate_json(body) for (body,) in rows]


PAPER_WORDS = (
    *("intake", "paper", "B-1", "--kind", "immigration_detainer", "--form", "I-247A"),
    *("--agency", "ICE", "--at", "2026-03-02T10:00", "--actor", "officer:jdoe"),
)


def test_person_is_found_overstayed_when_a_detainer_that_came_by_fax_is_typed_in(site, command, tmp_path):
    assert not [row for row in findings(site) if row[2] == "overdue_detainer_hold"]
    (tmp_path / "fax.pdf").write_bytes(SCAN)
    done = command(*PAPER_WORDS, "--scan", tmp_path / "fax.pdf", "--json")
    said = orjson.loads(done.raw)
    assert (done.status, said["outcome"], said["scan"]) == (0, "accepted", HASH)
    (found,) = [row for row in findings(site) if row[2] == "overdue_detainer_hold"]
    assert found[1] == "B-1"
    entry = accepted(site)[-1]
    assert entry.actor == "officer:jdoe", "who typed it in stands in the event's own entry"
    assert entry.detail.scan == HASH
    assert (entry.detail.event_id, entry.detail.data["hold_id"]) == (said["event_id"], said["hold_id"])
    assert [each.actor for each in accepted(site)[:-1]] == ["service:intake"] * 3


def test_nothing_changes_when_the_same_form_is_sent_twice(site, command):
    first, second = (orjson.loads(command(*PAPER_WORDS, "--json").raw) for _ in range(2))
    assert second == {**first, "outcome": "duplicate"}
    assert site.count() == 4


def test_scan_is_for_its_owner_alone_and_says_nothing_on_the_disk_when_it_is_kept(site, command, tmp_path):
    (tmp_path / "fax.pdf").write_bytes(SCAN)
    command(*PAPER_WORDS, "--scan", tmp_path / "fax.pdf")
    folder = tmp_path / "state" / "scans"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [HASH]
    assert stat.S_IMODE((folder / HASH).stat().st_mode) == 0o600
    for path in (tmp_path / "state").rglob("*"):
        if path.is_file():
            assert b"Quillfeather" not in path.read_bytes(), path
    done = command("intake", "scan", HASH, "--out", tmp_path / "out.pdf", "--actor", "officer:ray")
    assert done.status == 0
    assert (tmp_path / "out.pdf").read_bytes() == SCAN
    assert stat.S_IMODE((tmp_path / "out.pdf").stat().st_mode) == 0o600
    (body,) = site.ask("SELECT body FROM entries WHERE kind = 'scan.read'")[0]
    assert (orjson.loads(body)["actor"], orjson.loads(body)["detail"]) == ("officer:ray", {"scan": HASH})


def test_scan_is_not_kept_when_only_its_hash_is_wanted(site, command, tmp_path):
    (tmp_path / "fax.pdf").write_bytes(SCAN)
    command(*PAPER_WORDS, "--scan", tmp_path / "fax.pdf", "--hash-only")
    assert accepted(site)[-1].detail.scan == HASH
    assert not (tmp_path / "state" / "scans").exists()
    assert command("intake", "scan", HASH, "--out", tmp_path / "out.pdf").status == 2


def test_scan_is_not_believed_when_another_file_lies_under_its_hash(site, tmp_path):
    with site.opened() as installation:
        scans = scans_of(installation)
        scans.keep(SCAN)
        (tmp_path / "state" / "scans" / HASH).write_bytes(installation.vault.seal(SCAN + b"!"))
        with pytest.raises(FatalError, match="another file"):
            scans.read(HASH)


def test_whole_life_of_a_paper_is_told_when_it_is_typed_in(site, command):
    paper = orjson.loads(command(*PAPER_WORDS, "--json").raw)["hold_id"]
    later = ("B-1", paper, "--at", "2026-03-02T11:00")
    assert command("intake", "served", *later, "--by", "Officer 7", "--language", "es").status == 0
    assert command("intake", "withdrawn", *later).status == 0
    warrant = command(
        *("intake", "paper", "B-1", "--kind", "judicial_warrant", "--at", "2026-03-02T11:30", "--hold-id", "w-1"),
        *("--court", "E.D. Mich.", "--title", "magistrate judge"),
    )
    assert warrant.status == 0
    assert command("intake", "verified", "B-1", "w-1", "--at", "2026-03-02T12:00", "--by", "Clerk").status == 0
    types = [entry.detail.type for entry in accepted(site)[3:]]
    assert types == [
        "jail.hold.placed.v1",
        "jail.notice.served.v1",
        "jail.hold.lifted.v1",
        "jail.hold.placed.v1",
        "jail.warrant.verified.v1",
    ]
    # The paper was taken back, and a verified warrant keeps the person: nobody is held too long.
    assert not [row for row in findings(site) if row[2] == "overdue_detainer_hold"]


def test_finding_is_withdrawn_when_the_entry_was_a_mistake(site, command):
    said = orjson.loads(command(*PAPER_WORDS, "--json").raw)
    assert [row for row in findings(site) if row[2] == "overdue_detainer_hold"]
    wrong = ("intake", "mistaken", "B-1", said["event_id"], "--at", "2026-03-02T12:00", "--actor", "officer:ray")
    assert command(*wrong).status == 0
    assert not [row for row in findings(site) if row[2] == "overdue_detainer_hold"]
    again = command(*PAPER_WORDS)
    assert again.status == 2
    assert "taken back" in again.text, "or an officer would believe that it counts"


REFUSED = [
    (("--hold-id", "x" * 2000), "/data/hold_id", "the contract's models ask more than the form"),
    (("--at", "2026-03-02"), "when did it happen", "a day is no time"),
    (("--at", "tomorrow"), "when did it happen", "nor is a word"),
    (("--at", "2199-01-01T00:00"), "still to come", "nobody has received it yet"),
    (("--expires", "soon"), "when does it expire", "no time"),
    (("--kind", "charge"), "what kind of paper", "a charge does not come by fax"),
    (("--source", "/jms/nowhere"), "no facility", "a feed nobody set up"),
    (("--scan", "/nowhere.pdf"), "no such file", "no scan"),
]


@pytest.mark.parametrize(("words", "says", "because"), REFUSED, ids=[case[2] for case in REFUSED])
def test_nothing_is_recorded_when_something_typed_is_wrong(site, command, words, says, because):
    done = command(*PAPER_WORDS, *words)
    assert (done.status, says in done.text) == (2, True), done.text
    assert (site.count(), site.count("dead_letters")) == (3, 0)


def test_booking_has_to_be_known_unless_the_officer_says_that_the_paper_came_first(site, command):
    words = [*PAPER_WORDS[:2], "B-11", *PAPER_WORDS[3:]]
    assert "nobody was booked" in command(*words).text
    assert site.count() == 3
    assert command(*words, "--unknown-booking").status == 0
    assert site.count() == 4


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("withdrawn", "B-1", "nothing", "--at", "2026-03-02T11:00"), "no paper of that hold id"),
        (("mistaken", "B-1", "manual-0", "--at", "2026-03-02T11:00"), "nothing was entered"),
        (("mistaken", "B-1", "e-3", "--at", "2026-03-02T11:00"), "only what was typed in"),
        (("scan", "../keys/vault.key", "--out", "-"), "no scan of that"),
    ],
)
def test_nothing_happens_when_what_is_spoken_of_is_not_there(site, command, words, says):
    assert says in command("intake", *words).text
    assert site.count() == 3


@pytest.mark.parametrize("content", [b"", b"MZ a program", b"%PDF-" + bytes(9 * 2**20)], ids=["none", "kind", "long"])
def test_scan_is_refused_when_it_is_none(site, content, tmp_path):
    with site.opened() as installation, pytest.raises(UsageError, match="a scan"):
        scans_of(installation).keep(content)
    assert not (tmp_path / "state" / "scans").exists()


def test_earlier_instant_is_taken_and_recorded_when_the_clock_showed_it_twice():
    typed = event_of(Form(**{**_fields(PAPER), "at": "2026-11-01T01:30"}), DETROIT)
    assert orjson.loads(typed.raw)["time"] == "2026-11-01T05:30:00Z"
    assert typed.event_id.endswith("-repeated-hour")


def test_every_act_is_a_valid_event_when_everything_is_typed():
    for act in Act:
        form = Form(**{**_fields(PAPER), "act": act, "hold_id": "h", "by": "Officer 7", "event_id": "manual-1"})
        assert parse(event_of(form, DETROIT).raw).event.subject == "B-1"


def test_one_event_remains_when_the_process_is_killed_between_scan_and_answer(site, tmp_path, monkeypatch):
    """What a kill leaves is a scan, or a scan and the event; the officer, who saw no answer, sends the form again."""
    from integration.services.intake import Intake

    class KilledError(BaseException):
        pass

    whole = Intake.take
    for after in (False, True):

        def killed(self, *arguments, after=after, **named):
            if after:
                whole(self, *arguments, **named)
            raise KilledError

        monkeypatch.setattr(Intake, "take", killed)
        with site.opened() as installation, pytest.raises(KilledError):
            enter(installation, PAPER, "officer:jdoe", clock=WallClock(), scan=SCAN)
        assert site.count() == 3 + after
    monkeypatch.setattr(Intake, "take", whole)
    with site.opened() as installation:
        done = enter(installation, PAPER, "officer:jdoe", clock=WallClock(), scan=SCAN)
    assert done.known
    assert site.count() == 4
    assert [path.name for path in (tmp_path / "state" / "scans").iterdir()] == [HASH]


def _fields(form):
    return {name: getattr(form, name) for name in form.__dataclass_fields__}
