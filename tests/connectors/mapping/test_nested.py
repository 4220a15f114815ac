"""What is no text where one is read refuses its rule: read as nothing it would be a hold, or a release, lost."""

import orjson
import pytest

from connectors.mapping.apply import Mapper
from connectors.mapping.files import file_rows
from connectors.mapping.load import mapping_from
from connectors.mapping.record import Record, text_of
from connectors.mapping.rows import Row, inputs_of

MAPPING = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[input]
format = "json"
[times]
formats = ["iso", "epoch_ms"]
[record]
booking = "no"
key = ["no", "row"]
observed = "told"
[tables.flag]
codes = { Y = true, 1 = true, N = false, "" = false }
[[events]]
name = "opened"
type = "booking.opened"
time = "at"
data = { basis = "why", "person.person_id" = "who" }
[[events]]
name = "flag"
type = "hold.placed"
time = "at"
where = [{ column = "ice", table = "flag", means = [true] }]
data = { hold_id = { value = "ice" }, kind = { value = "immigration_detainer" } }
[[events]]
name = "due"
type = "release.due"
time = "due"
where = [{ column = "due", empty = false }]
data = { due_at = "due", reason = { value = "other" } }
[[events]]
name = "seen"
type = "bail.refused"
on = "change"
watch = ["watched"]
time = "at"
"""
MAPPER = Mapper(mapping_from(MAPPING))
ROW = {"no": "B-1", "row": 1, "at": "2026-03-02T08:00:00Z", "told": None, "why": None, "who": "P-1", "ice": "Y",
       "due": None, "watched": None}  # fmt: skip


def read(**changed):
    """Return the types of events, and the refusals."""
    found = list(inputs_of("f", Row("", {**ROW, **changed}), MAPPER, observed=None, changed=lambda _rule, _mark: False))
    events = [orjson.loads(each.raw) for each in found if each.refusal is None]
    refused = [(each.refusal.reason.value, each.refusal.message) for each in found if each.refusal is not None]
    return {event["type"][5:-3]: event for event in events}, refused


NESTED = [
    ("ice", ["Y"], "flag", "hold.placed", "one flag in a list"),
    ("ice", {"value": "Y"}, "flag", "hold.placed", "a flag with its own field"),
    ("ice", {"value": None}, "flag", "hold.placed", "the same, empty today"),
    ("ice", b"\x01", "flag", "hold.placed", "a bit, as a driver may give it"),
    ("ice", bytearray(b"Y"), "flag", "hold.placed", "bytes of another kind"),
    ("ice", memoryview(b"Y"), "flag", "hold.placed", "and of a third"),
    ("due", ["2026-03-03T08:00:00Z"], "due", "release.due", "a time in a list"),
    ("due", {"$date": 1772553600000}, "due", "release.due", "a time with its own field"),
    ("who", {"id": "P-1"}, "opened", "booking.opened", "a field of the event"),
    ("why", [{"code": "ID"}], "opened", "booking.opened", "a list of objects where texts are listed"),
    ("why", [["ID"]], "opened", "booking.opened", "lists in a list"),
]


@pytest.mark.parametrize(("column", "value", "rule", "lost", "because"), NESTED, ids=[row[-1] for row in NESTED])
def test_rule_is_refused_and_the_others_go_on_when_its_column_holds_no_text(column, value, rule, lost, because):
    found, refused = read(**{column: value})
    assert lost not in found, because
    assert len(found) == (1 if lost != "release.due" else 2), "the other rules"
    assert [(reason, message.partition(":")[0]) for reason, message in refused] == [("wrong_type", rule)]


PLAIN = [
    ({"ice": []}, {"booking.opened"}, "a list of nothing says nothing"),
    ({"ice": {}}, {"booking.opened"}, "nor does an object, which some write for an empty element of XML"),
    ({"ice": b""}, {"booking.opened"}, "nor do no bytes"),
    ({"ice": 1.0}, {"booking.opened", "hold.placed"}, "1.0 is 1: JSON has one kind of number"),
    ({"due": []}, {"booking.opened", "hold.placed"}, "no time"),
    ({"why": ["ID", None, ""]}, {"booking.opened", "hold.placed"}, "a list of texts, where one is wanted"),
    ({"unread": {"a": ["b"]}}, {"booking.opened", "hold.placed"}, "nobody reads it"),
]


@pytest.mark.parametrize(("changed", "types", "because"), PLAIN, ids=[row[-1] for row in PLAIN])
def test_record_is_read_when_it_is_plain_where_it_is_read(changed, types, because):
    found, refused = read(**changed)
    assert (set(found), refused) == (types, []), because


def test_list_of_texts_is_read_whole():
    found, _ = read(why=["ID", None, "WARRANT"])
    assert found["booking.opened"]["data"]["basis"] == ["ID", "WARRANT"]


def test_time_of_the_record_is_refused_when_it_is_no_text():
    _, refused = read(told={"at": "2026-03-02T08:00:00Z"})
    assert ("bad_time", "record: observed: told: in none of the formats that the mapping lists") in refused


@pytest.mark.parametrize("booking", [["B-1"], {"no": "B-1"}, b"B-1"])
def test_record_has_no_booking_number_when_it_is_no_text(booking):
    found, refused = read(no=booking)
    assert not found
    assert {reason for reason, _ in refused} == {"no_booking"}


def test_rows_are_told_apart_and_changes_seen_when_they_are_no_texts():
    keys = [MAPPER.key({**ROW, "row": row}) for row in (b"\x00\x01", b"\x00\x02", ["a"], ["b"], {"a": 1}, 1, "")]
    assert len(set(keys)) == len(keys), "the second would pass for a correction of the first"
    rule = MAPPER.mapping.events[-1]
    marks = {MAPPER.fingerprint(rule, Record({**ROW, "watched": value})) for value in (["a"], ["b"], {}, b"x")}
    assert len(marks) == 4


NUMBERS = [
    (20260301.0, "20260301", "as a table with gaps writes its numbers"),
    (-0.0, "0", "nothing"),
    (0.5, "0.5", "a fraction"),
    (float(2**53), "9007199254740992.0", "here two whole numbers become one"),
    (1e21, "1e+21", "rounded"),
    (float("nan"), "nan", "none"),
    (True, "true", "a truth"),
]


@pytest.mark.parametrize(("number", "text", "because"), NUMBERS, ids=[row[1] for row in NUMBERS])
def test_number_is_written_whole_when_it_is_whole(number, text, because):
    assert text_of(number) == text, because


@pytest.mark.parametrize("number", [float("nan"), "NaN", "inf", "-Infinity", 1e21])
def test_booking_number_is_refused_when_it_is_none_or_rounded(number):
    found, refused = read(no=number)
    assert (found, {reason for reason, _ in refused}) == ({}, {"bad_value"})


REPEATED = [
    (b'{"no":"B-1","ice":"Y","ice":"N"}', "/\u2026", "a flag twice: whoever wrote XML as JSON"),
    (b'[{"no":"B-1"},{"no":"B-2","a":{"charge":1, "charge":2}}]', "/1/\u2026/\u2026", "further inside"),
    (b'[{"no":"B-1" ,"no" :"B-2"}]', "/0/\u2026", "with blanks"),
]


@pytest.mark.parametrize(("raw", "place", "because"), REPEATED, ids=[row[-1] for row in REPEATED])
def test_document_is_refused_when_a_name_stands_twice_with_different_values(raw, place, because):
    (row,) = file_rows(raw, MAPPER.mapping)
    assert (row.refusal.reason.value, row.refusal.message.partition(":")[0]) == ("repeated_field", place), because


def test_document_is_read_when_a_name_stands_twice_with_one_value():
    raw = orjson.dumps(ROW)[:-1] + b',"ice":"Y"}'
    (row,) = file_rows(raw, MAPPER.mapping)
    assert row.refusal is None
