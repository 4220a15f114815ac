"""``holdwatch notice``: from a file of events, and from an installation."""

import re
from typing import Any

import pytest

from integration.bootstrap import open_desk, open_installation, scratch_desk
from integration.cli.notice import Form, notice
from integration.domain.facts import Placed
from integration.errors import UsageError
from integration.runners.replay import replay
from integration.services.intake import Input
from integration.services.notices.finding import in_store
from integration.services.notices.languages import Language
from integration.settings import load_settings
from tests.notices.jail import CANARIES, EVENTS, SOURCE, event, file_of, lines
from tests.notices.sheets import MASSACHUSETTS

FROM_FILE = ("--policy", "ma-welcoming-community", "--zone", "America/New_York")


def test_a_page_is_written_when_the_booking_is_in_a_file(holdwatch, tmp_path):
    target = tmp_path / "notice.html"
    done = holdwatch(
        "notice", file_of(tmp_path), "--paper", "h-2", "--language", "es", "--large", "--out", target, *FROM_FILE
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    page = target.read_text(encoding="utf-8")
    assert '<html lang="es" dir="ltr">' in page
    assert "18pt" in page
    assert "2026-03-02 10:00 -05:00" in page
    assert [canary for canary in CANARIES if canary in page] == []


FROM_PACK = {"policy": "ma-welcoming-community", "zone": "America/New_York"}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"booking": "B-100", **FROM_PACK}, "which paper?"),
        ({"paper": "h-2", "zone": "UTC"}, "name the pack with --policy"),
        ({"paper": "h-2", **FROM_PACK, "zone": "No/Where"}, "no IANA time zone"),
        ({"paper": "h-1", **FROM_PACK}, "papers with a notice: 'h-2'"),
        ({"paper": "h-2", "booking": "B-9", **FROM_PACK}, "no such booking"),
    ],
)
def test_it_says_what_is_missing_when_it_cannot_be_written(tmp_path, asked, says):
    with pytest.raises(UsageError, match=re.escape(says)):
        notice(file_of(tmp_path), **{"paper": "", **asked})


def test_a_fault_is_a_usage_error_when_a_person_makes_it(holdwatch, tmp_path):
    done = holdwatch("notice", file_of(tmp_path))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"which paper?" in done.stderr


def inputs(events: list[dict[str, Any]]) -> list[Input]:
    return [Input(f"x:{at}", line) for at, line in enumerate(lines(events).splitlines(), start=1)]


def test_facts_follow_when_a_booking_has_moved(tmp_path):
    store, desk = scratch_desk(tmp_path / "x.sqlite", MASSACHUSETTS)
    replay(inputs([*EVENTS, event(7, "booking.moved", {"into": "B-700"}, hour=12)]), desk)
    try:
        found = in_store(store, [SOURCE, "/jms/other"], "B-700")
        assert (found.source, found.booking) == (SOURCE, "B-700")
        assert "h-2" in {fact.hold_id for fact in found.facts if isinstance(fact, Placed)}
        for gone in ("B-100", "B-1"):
            with pytest.raises(UsageError, match="no such booking"):
                in_store(store, [SOURCE], gone)
    finally:
        store.close()


def test_it_is_written_from_an_installation_when_it_has_the_booking(tmp_path):
    path = tmp_path / "holdwatch.toml"
    path.write_text(
        f"""
[site]
name = "example"
state_dir = "{tmp_path / "state"}"
[log]
origin = "example.org/log"
[[facilities]]
source = "{SOURCE}"
name = "Example County Jail"
zone = "America/New_York"
packs = [{{ pack = "ma-welcoming-community" }}]
"""
    )
    asked = {"paper": "h-3", "language": Language.ARABIC, "form": Form.TEXT, "settings": path}
    with pytest.raises(UsageError, match="there is no database yet"):
        notice(None, booking="B-100", **asked)

    (tmp_path / "state").mkdir()
    installation = open_installation(load_settings(path))
    replay(inputs(EVENTS), open_desk(installation.store, installation.pack_for, place="example"))
    installation.store.close()

    target = tmp_path / "notice.txt"
    notice(None, booking="B-100", source=SOURCE, out_file=target, **asked)
    told = target.read_text(encoding="utf-8")
    assert "I-200" in told
    assert "Example County Jail" in told
    assert SOURCE not in told
    assert "2026-04-02 10:00 -04:00" in told
    assert [canary for canary in CANARIES if canary in told] == []
    for more, says in (
        ({}, "which booking?"),
        ({"booking": "B-9"}, "no such booking"),
        ({"booking": "B-100", "source": "/jms/x"}, "no facility"),
    ):
        with pytest.raises(UsageError, match=re.escape(says)):
            notice(None, **more, **asked)
