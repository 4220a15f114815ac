"""The roster's file: followed without a stop, and never half of one."""

import threading
import time
from datetime import date

import pytest
from prometheus_client import CollectorRegistry

from connectors.roster.file import RosterError, RosterFault, RosterFile, read_roster
from integration.domain.messages.people import MISSING, Roster
from integration.runners.gateway.roster import RosterFeed
from integration.services.examining import examine_request
from tests.gate.judging import PACKS, decided, examined, pack
from tests.gate.mails import COVER, mail, plain
from tests.gate.test_requests import STATUS, request

HEAD = "family_name,given_name,birth_date,booking\n"
CANARY = "Quillfeather"
LINE = f"{CANARY},Juan,1990-02-03,2026-00417\n"


def written(path, text: str | bytes):
    """As a careful system writes it: under another name, then renamed."""
    new = path.with_suffix(".new")
    new.write_bytes(text if isinstance(text, bytes) else text.encode())
    return new.replace(path)


def test_person_is_known_when_the_file_names_them(tmp_path):
    roster = read_roster(written(tmp_path / "r.csv", "\ufeff" + HEAD + LINE))
    seen = examined(plain(f"Juan {CANARY}, 02/03/1990"), roster=roster)
    assert any(found.detector == "roster_name" for found in seen.content.found)


def test_columns_may_stand_in_any_order_and_others_are_passed_over(tmp_path):
    text = 'cell,booking,given_name,family_name\nB4,77001,"Ana, Maria",Lopez\n'
    assert len(read_roster(written(tmp_path / "r.csv", text))) == 1


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("", RosterFault.BAD_HEADER, 1),
        ("family_name,given_name\nA,B\n", RosterFault.BAD_HEADER, 1),
        ("family_name,given_name,booking,booking\nA,B,C,D\n", RosterFault.BAD_HEADER, 1),
        (HEAD, RosterFault.EMPTY, 0),
        (HEAD + LINE + f"{CANARY},Ana\n", RosterFault.BAD_LINE, 3),
        (HEAD + LINE + f"{CANARY},Ana,1990-01-01,9,9\n", RosterFault.BAD_LINE, 3),
        (HEAD + f"{CANARY},Ana,02/03/1990,9\n", RosterFault.BAD_LINE, 2),
        (HEAD + ",,1990-01-01,\n", RosterFault.BAD_LINE, 2),
        (HEAD + f'"{CANARY},Ana,1990-01-01,9\n', RosterFault.BAD_LINE, 2),
        (HEAD + f'{CANARY},"Ana,1990-01-01,9\nLopez,Maria",1991-01-01,8\n', RosterFault.BAD_LINE, 3),
        (HEAD.encode() + "P\u00e9rez,Ana,,9\n".encode("latin-1"), RosterFault.NOT_UTF8, 0),
    ],
)
def test_file_is_no_roster_when_a_part_of_it_is_broken(tmp_path, text, fault, line):
    with pytest.raises(RosterError) as refused:
        read_roster(written(tmp_path / "r.csv", text))
    assert (refused.value.fault, refused.value.line) == (fault, line)
    assert CANARY not in str(refused.value)


def test_old_roster_stays_when_the_new_file_is_broken_and_it_is_told_once(tmp_path):
    path = written(tmp_path / "r.csv", HEAD + LINE)
    file = RosterFile(path)
    assert file.look()
    kept = file.current
    written(path, HEAD + "broken\n")
    with pytest.raises(RosterError):
        file.look()
    assert not file.look()
    path.unlink()
    with pytest.raises(RosterError, match="missing"):
        file.look()
    assert not file.look()
    assert file.current is kept
    written(path, HEAD + LINE + "Lopez,Ana,,78\n")
    assert file.look()
    assert len(file.current) == 2


def test_file_is_not_read_again_when_it_has_not_changed(tmp_path):
    file = RosterFile(written(tmp_path / "r.csv", HEAD + LINE))
    assert file.look()
    before = file.current
    assert not file.look()
    assert file.current is before


def test_feed_follows_its_file_and_tells_no_name(tmp_path, capfd):
    path = tmp_path / "r.csv"
    registry = CollectorRegistry()
    feed = RosterFeed(path, registry, now=lambda: 1000.0)
    with feed.followed(0.01):
        assert feed.not_ready() == ["no_roster"]
        written(path, HEAD + LINE)
        assert _until(lambda: len(feed.roster()) == 1)
        assert feed.not_ready() == []
        written(path, HEAD + f"{CANARY},Juan,not a date,7\n")
        failed = {"reason": "bad_line"}
        assert _until(lambda: registry.get_sample_value("holdwatch_gate_roster_failures_total", failed) == 1)
        assert len(feed.roster()) == 1
    assert registry.get_sample_value("holdwatch_gate_roster_people") == 1
    assert registry.get_sample_value("holdwatch_gate_roster_read_timestamp_seconds") == 1000
    said = "".join(capfd.readouterr())
    assert "gate.roster_failed" in said
    assert CANARY.casefold() not in said.casefold()


def _until(holds, seconds: float = 60) -> bool:
    pause, over = threading.Event(), time.monotonic() + seconds
    while time.monotonic() < over:
        if holds():
            return True
        pause.wait(0.01)
    return False


def test_authority_gets_nothing_when_there_should_be_a_roster_and_is_none():
    for roster, permit in ((MISSING, False), (Roster(), True)):
        seen = examined(plain(COVER), roster=roster)
        assert {decided(seen, name).permit for name in PACKS} == {permit}
        asked = examine_request(request({STATUS: "LPR"}).data, pack(PACKS[0]).parameters, roster=roster)
        assert decided(asked).permit is permit
    assert decided(examined(plain(COVER), roster=MISSING)).reasons == ("unreadable", "no_roster")


def test_others_get_their_mail_when_there_should_be_a_roster_and_is_none():
    raw = mail("Hearing at 9", head=("From: jail <jail@county.example>", "To: clerk@court.example"))
    assert decided(examined(raw, "clerk@court.example", roster=MISSING)).permit


def test_birth_date_is_optional(tmp_path):
    text = "family_name,given_name,booking\nLopez,Ana,77001\n"
    assert len(read_roster(written(tmp_path / "r.csv", text))) == 1
    roster = read_roster(written(tmp_path / "s.csv", HEAD + LINE))
    assert set(roster._births.values()) == {date(1990, 2, 3)}
