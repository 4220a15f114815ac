"""What a mapping makes of a record: ids, codes, conditions, forbidden fields, and hostile records."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mapping.apply import Mapper
from connectors.mapping.coverage import Coverage
from connectors.mapping.dryrun import dry_run
from connectors.mapping.files import file_rows as document_rows
from connectors.mapping.load import mapping_from
from connectors.mapping.rows import Row, inputs_of, json_rows
from schemas.refusals import Reason


def all_inputs(place, rows, mapper):
    return [each for row in rows for each in inputs_of(place, row, mapper, observed=None)]


NESTED = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[input]
format = "json"
rows = "people"
[times]
date_only = "end_of_day"
[record]
booking = "booking.number"
[tables.kinds]
codes = { C = "charge", "Imm Hold" = "immigration_detainer" }
[tables.sure]
unmapped = "default"
default = "other"
codes = { ROR = "own_recognizance" }
[tables.some]
unmapped = "skip"
codes = { OUT = "self" }
[[events]]
name = "opened"
type = "booking.opened"
time = "booking.at"
[events.data]
"person.person_id" = { column = "who", digest = true }
basis = { column = "basis", split = ";" }
[[events]]
name = "held"
type = "hold.placed"
each = "charges"
time = { columns = ["at", "^booking.at"], take = "first" }
[events.data]
hold_id = { column = "seq", prefix = "c" }
kind = { column = "kind", table = "kinds" }
[[events]]
name = "due"
type = "release.due"
time = "due"
where = [{ column = "due", empty = false }]
[events.data]
due_at = { column = "due", add_minutes = 30 }
reason = { column = "why", table = "sure" }
[[events]]
name = "gone"
type = "release.completed"
time = "out"
where = [{ column = "out", empty = false }]
[events.data]
released_to = { column = "to", table = "some" }
[[events]]
name = "moved"
type = "custody.transferred"
time = "taken"
where = [{ column = "taken", empty = false }]
[events.data]
to_agency = "by"
temporary = "back"
"""
RECORD = {
    "booking": {"number": "B-1", "at": "2026-03-02T08:00:00"},
    "who": "Quillfeather",
    "basis": "warrant; new charge",
    "charges": [{"seq": 1, "kind": "c"}, {"seq": 2, "kind": "IMM-HOLD", "at": "2026-03-02T09:00:00"}],
    "due": "2026-03-03",
    "why": "ROR",
}


def mapped(record, text=NESTED):
    return Mapper(mapping_from(text)).map(record, observed=None)


def said(record):
    return [(each["type"][5:-3], each["time"], each["data"]) for each in mapped(record).events]


def test_lists_inside_a_record_are_gone_through():
    assert said(RECORD)[1:] == [
        ("hold.placed", "2026-03-02T13:00:00Z", {"hold_id": "c1", "kind": "charge"}),
        ("hold.placed", "2026-03-02T14:00:00Z", {"hold_id": "c2", "kind": "immigration_detainer"}),
        (
            "release.due",
            "2026-03-04T05:00:00Z",
            {"due_at": "2026-03-04T05:30:00Z", "reason": "own_recognizance"},
        ),
    ]
    kind, _, data = said(RECORD)[0]
    assert (kind, data["basis"]) == ("booking.opened", ["warrant", "new charge"])
    assert "Quillfeather" not in str(data)


def test_id_is_the_same_when_the_record_is_told_again_and_another_when_it_says_something_else():
    first, again = mapped(RECORD).events, mapped(dict(reversed(RECORD.items()))).events
    other = mapped({**RECORD, "why": "X"}).events
    assert [each["id"] for each in first] == [each["id"] for each in again]
    assert [a["id"] == b["id"] for a, b in zip(first, other, strict=True)] == [True, True, True, False]
    assert first[3]["id"].endswith("-date-only")


UNMAPPED = [
    ({"charges": [{"seq": 1, "kind": "Q"}]}, Reason.UNMAPPED_CODE, "a kind nobody listed must not be guessed"),
    ({"due": "soon"}, Reason.BAD_TIME, "no time"),
    ({"booking": {"at": "2026-03-02T08:00:00"}}, Reason.NO_BOOKING, "nobody's record"),
    ({"booking": {"number": "B-1"}}, Reason.NO_TIME, "no time of booking"),
    ({"charges": [{"kind": "c"}]}, Reason.MISSING_FIELD, "a hold without an id cannot be lifted"),
    ({"taken": "2026-03-03T08:00", "by": "ICE"}, Reason.MISSING_FIELD, "temporary has to be said"),
    ({"taken": "2026-03-03T08:00", "by": "ICE", "back": "perhaps"}, Reason.UNMAPPED_CODE, "neither yes nor no"),
]


@pytest.mark.parametrize(("change", "reason", "because"), UNMAPPED, ids=[case[2] for case in UNMAPPED])
def test_rule_is_refused_and_the_others_go_on_when_a_value_is_missing_or_unknown(change, reason, because):
    outcome = mapped({**RECORD, **change})
    assert reason in {each.reason for each in outcome.refusals}, because
    assert all("Quillfeather" not in each.message for each in outcome.refusals)
    if reason is not Reason.NO_BOOKING:
        assert outcome.events


def test_event_is_skipped_when_its_table_says_so():
    outcome = mapped({**RECORD, "out": "2026-03-04T08:00:00", "to": "ZZ"})
    assert not outcome.refusals
    assert "release.completed" not in str(outcome.events)
    assert "unmapped_code_skipped" in {each.code.value for each in outcome.notes}
    assert said({**RECORD, "out": "2026-03-04T08:00:00", "to": "out"})[-1][2] == {"released_to": "self"}


def test_forbidden_column_is_named_to_intake_and_never_its_value():
    outcome = mapped({**RECORD, "person": {"Place of Birth": "Zebulonia"}, "citizenship": "NULL"})
    assert "Zebulonia" not in str(outcome)
    opening = outcome.events[0]
    told = dry_run(all_inputs("x", [Row("", {**RECORD, "Citizenship": "Zebulonia"})], Mapper(mapping_from(NESTED))))
    assert "placeofbirth" in opening["data"]
    assert not told.refusals
    assert "Zebulonia" not in str(told)


def test_codes_and_columns_are_counted_in_a_dry_run():
    mapping = mapping_from(NESTED)
    coverage = Coverage(mapping)
    records = [{**RECORD, "cell": "A"}, {**RECORD, "charges": [{"seq": 1, "kind": "ZZ"}]}]
    raw = orjson.dumps({"people": records})
    told = dry_run(all_inputs("f", json_rows(raw, "people"), Mapper(mapping, coverage)), coverage)
    report = told.report()
    assert report["codes_unmapped"] == {"kinds": {"ZZ": 1}}
    assert report["columns_unused"] == {"cell": 1}
    assert report["columns_used"]["charges[].kind"] == 3
    assert (report["events"], report["repeated"], report["rules"]["held"]) == (4, 2, 2)
    assert report["refusals"][0]["place"] == "f:record 2#held"


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.binary(max_size=5))
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner)),
    max_leaves=8,
)
KEYS = st.sampled_from(["booking", "who", "basis", "charges", "due", "why", "out", "to", "taken", "by", "back"])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, ANYTHING), st.booleans())
def test_anything_is_mapped_or_refused_and_valid_for_intake(change, nested):
    record = {**RECORD, **change}
    if nested:
        record["charges"] = [{"seq": change.get("who"), "kind": change.get("why"), "at": change.get("due")}]
    inputs = list(all_inputs("p", [Row("", record)], Mapper(mapping_from(NESTED))))
    assert all(isinstance(each.raw, bytes) for each in inputs)
    dry_run(inputs)


@pytest.mark.parametrize("raw", [b"", b"{", b"3", b'"x"', b"[1]", b'{"people": 3}', b"\xff", b"[" * 5000])
def test_document_is_refused_when_it_holds_no_records(raw):
    path = "people" if raw.startswith(b'{"') else ""
    (row,) = document_rows(raw, mapping_from(NESTED.replace('rows = "people"', f'rows = "{path}"')))
    assert row.refusal is not None
    assert row.refusal.reason in (Reason.NOT_JSON, Reason.WRONG_TYPE)


WORDS = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[record]
booking = "no"
[tables.truth]
codes = { P = false }
[[events]]
name = "opened"
type = "booking.opened"
time = "at"
[[events]]
name = "paper"
type = "hold.placed"
time = "at"
where = [{ column = "charge", says = "immigration_hold" }]
data = { hold_id = { value = "h" }, kind = { value = "immigration_detainer" } }
[[events]]
name = "handed-over"
type = "custody.transferred"
time = "at"
where = [{ column = "to", empty = false }]
data = { to_agency = "to", temporary = { column = "kind", table = "truth" } }
"""


def mapped_words(**row):
    return Mapper(mapping_from(WORDS)).map({"no": "B-1", "at": "2026-03-02T08:00:00Z", **row}, observed=None)


def test_row_is_refused_when_its_words_say_a_hold_that_no_rule_is_for():
    outcome = mapped_words(charge="PAROLE HOLD")
    assert [(each.place, each.reason) for each in outcome.refusals] == [("record", Reason.UNMAPPED_CODE)]
    assert "PAROLE" not in outcome.refusals[0].message
    assert [each["type"] for each in outcome.events] == ["jail.booking.opened.v1"]


@pytest.mark.parametrize(("charge", "noted"), [("LARCENY", True), ("ICE HOLD", False), ("", False)])
def test_row_is_noted_when_it_is_read_for_holds_and_gives_none(charge, noted):
    outcome = mapped_words(charge=charge)
    assert ("no_hold" in {each.code.value for each in outcome.notes}) is noted
    assert not outcome.refusals


def test_truth_is_a_truth_when_a_table_says_so():
    assert mapped_words(charge="ICE HOLD", to="ICE", kind="P").events[-1]["data"]["temporary"] is False


NIGHT = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[record]
booking = "no"
[[events]]
name = "paper"
type = "hold.placed"
time = "at"
data = { hold_id = { value = "h" }, kind = { value = "immigration_detainer" } }
[[events]]
name = "lifted"
type = "hold.lifted"
time = "end"
data = { hold_id = { value = "h" } }
[[events]]
name = "due"
type = "release.due"
time = "end"
data = { due_at = "end", reason = { value = "other" } }
"""


@pytest.mark.parametrize(
    ("at", "end", "expected", "because"),
    [
        ("2026-11-01T01:50", "2026-11-01T01:10", "06:10", "the clock was put back between them"),
        ("2026-11-01T01:10", "2026-11-01T01:50", "05:50", "the earlier reading fits"),
        ("2026-11-01T00:30", "2026-11-01T01:10", "05:10", "the earlier reading fits"),
        ("2026-11-01T02:30", "2026-11-01T01:10", "05:10", "neither fits"),
        ("2026-11-01T03:30", "2026-11-01T02:10", "07:10", "in no doubt, and before its beginning as it stands"),
    ],
)
def test_end_is_read_as_the_later_hour_when_it_would_lie_before_its_beginning(at, end, expected, because):
    outcome = Mapper(mapping_from(NIGHT)).map({"no": "B-1", "at": at, "end": end}, observed=None)
    _, lifted, due = outcome.events
    assert {lifted["time"][11:16], due["time"][11:16], due["data"]["due_at"][11:16]} == {expected}, because
    if end < "2026-11-01T02":
        assert lifted["id"].endswith("-repeated-hour")
