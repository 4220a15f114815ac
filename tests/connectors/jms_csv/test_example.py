"""The example that counties begin with: no release is invented, and no hold is passed over, whatever a row says."""

import pytest

from connectors.mapping.apply import Mapper
from connectors.mapping.dryrun import dry_run
from connectors.mapping.rows import inputs_of
from tests.connectors.mapping.test_unread import EXAMPLE, file_rows, table


def read(raw):
    """Return the ends of custody, the kinds of holds, and the reasons of what is refused, by rule."""
    rows = file_rows(raw, EXAMPLE)
    told = dry_run(each for row in rows for each in inputs_of("f", row, Mapper(EXAMPLE), observed=None))
    ends = [event["type"][5:-3] for event in told.events if "release.c" in event["type"] or "custody" in event["type"]]
    kinds = [event["data"]["kind"] for event in told.events if event["type"] == "jail.hold.placed.v1"]
    return ends, kinds, {(place.rpartition("#")[2], reason) for place, reason, _ in told.refusals}


OUT = {"Status": "PR BOND", "StatusAt": "03/03/2026 10:00", "ReleasedAt": "03/03/2026 11:00"}
RELEASES = [
    ("", ["release.completed"], set(), "no code: the time alone says it"),
    ("OUT", ["release.completed"], set(), "a code that says it"),
    ("time-served", ["release.completed"], set(), "however it is spelled"),
    ("FURLOUGH", [], set(), "comes back: custody goes on"),
    ("COURT", [], set(), "so does this one"),
    ("ICE", ["custody.transferred"], set(), "handed over: no release"),
    ("SENT TO OTHER JAIL", [], {("released-by-code", "unmapped_code")}, "a code that nobody knows is told"),
]


@pytest.mark.parametrize(("code", "ends", "refused", "because"), RELEASES, ids=[row[-1] for row in RELEASES])
def test_custody_ends_only_when_the_code_says_so(code, ends, refused, because):
    found = read(table({**OUT, "ReleaseCode": code}))
    assert (found[0], found[2]) == (ends, refused), because


FLAGGED = [
    ({"ImmHold": "yes "}, True, "with a blank"),
    ({"ImmHold": "\u00a0Y\u00a0"}, True, "with blanks that do not break"),
    ({"ImmHold": '="Y"'}, True, "as a spreadsheet keeps texts"),
    ({"ImmHold": "-1"}, True, "true, as a desktop database writes it"),
    ({"ImmHold": "\uff39"}, False, "a wide letter"),
    ({"ImmHold": "1.0"}, False, "a number with a fraction"),
    ({"ImmHold": "Yes - ICE"}, False, "a remark"),
    ({"ImmHold": "\u2713"}, False, "a tick"),
    ({"Charge": "HOLD \u2013 ICE"}, True, "with a long stroke"),
]


@pytest.mark.parametrize(("row", "is_held", "because"), FLAGGED, ids=[row[-1] for row in FLAGGED])
def test_hold_is_read_or_refused_however_its_column_is_written(row, is_held, because):
    _, kinds, refused = read(table(row))
    assert ("immigration_detainer" in kinds) is is_held, because
    assert bool(refused) is not is_held


TABLES = [
    (lambda raw: raw.replace(b"\r\n", b"\n"), 1, 0, "ends of lines of another system"),
    (lambda raw: raw.replace(b"\r\n", b"\r"), 1, 0, "and of a third"),
    (lambda raw: b"\xef\xbb\xbf\xef\xbb\xbf" + raw, 1, 0, "two marks"),
    (lambda raw: raw.decode().encode("utf-16"), 1, 0, "another encoding"),
    (lambda raw: raw + b",,,,,,,,,,,,,,,,,\r\n\r\n", 1, 0, "rows of nothing at the end"),
    (lambda raw: raw + b"\x1a", 1, 1, "the sign that once ended a file"),
    (lambda raw: raw + b"TOTAL: 1\r\n", 1, 1, "a sum"),
    (lambda raw: raw.decode().encode("utf-32"), 0, 1, "an encoding that is not read"),
    (lambda raw: raw.decode().encode("cp037"), 0, 1, "a mainframe's"),
    (lambda raw: raw + b"\0" * 5000, 0, 1, "zeros to the end of a block"),
]


@pytest.mark.parametrize(("written", "held", "refused", "because"), TABLES, ids=[row[-1] for row in TABLES])
def test_table_is_read_or_refused_however_it_is_written(written, held, refused, because):
    _, kinds, reasons = read(written(table({"ImmHold": "Y"})))
    assert kinds.count("immigration_detainer") == held, because
    assert len(reasons) == refused
