"""A JSON record has what the mapping reads, or is refused: what was renamed must not read as nothing."""

import orjson
import pytest

from connectors.jms_debezium.changes import read_change
from connectors.jms_webhook.bodies import records_body
from connectors.mapping.apply import Mapper
from connectors.mapping.files import file_rows
from connectors.mapping.load import MappingFileError, mapping_from
from connectors.mapping.presence import checked
from connectors.mapping.rows import Row, inputs_of

MAPPING = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[input]
format = "json"
optional = ["charges[].note", "__before.hold"]
[record]
booking = "booking.number"
[[events]]
name = "charge"
type = "hold.placed"
each = "charges"
time = "at"
data = { hold_id = "id", kind = { value = "charge" }, "charge.description" = "note" }
[[events]]
name = "held"
type = "hold.placed"
time = "^at"
where = [{ column = "hold", in = ["Y"] }, { column = "__before.hold", not_in = ["Y"] }]
data = { hold_id = { value = "h" }, kind = { value = "immigration_detainer" } }
"""
WHOLE = {
    "booking": {"number": "B-1"},
    "at": "2026-03-02T08:00:00Z",
    "hold": "Y",
    "charges": [{"id": "1", "at": "2026-03-02T08:00:00Z"}],
}
CASES = [
    (WHOLE, None, "all there"),
    ({**WHOLE, "charges": []}, None, "no charge is an answer"),
    ({**WHOLE, "charges": None, "hold": None}, None, "and so is null"),
    ({**WHOLE, "charges": {"id": "1", "at": "2026-03-02T08:00:00Z"}}, None, "one charge alone"),
    ({**WHOLE, "extra": 1}, None, "what nobody reads"),
    ({"foo": 1}, "missing_field", "another kind of record"),
    ({**WHOLE, "booking": {"no": "B-1"}}, "missing_field", "renamed inside"),
    ({**WHOLE, "booking": "B-1"}, "missing_field", "no object"),
    ({"Charges" if name == "charges" else name: value for name, value in WHOLE.items()}, "missing_field", "renamed"),
    ({name: value for name, value in WHOLE.items() if name != "hold"}, "missing_field", "the flag is not there"),
    ({**WHOLE, "charges": [{"id": "1"}]}, "missing_field", "an element lacks its time"),
    ({**WHOLE, "charges": "[]"}, "wrong_type", "a list written as text"),
    ({**WHOLE, "charges": ["x"]}, "wrong_type", "a list of texts"),
]


@pytest.mark.parametrize(("record", "reason", "because"), CASES, ids=[case[-1] for case in CASES])
def test_record_is_refused_when_it_lacks_what_the_mapping_reads(record, reason, because):
    mapping = mapping_from(MAPPING)
    (row,) = checked([Row("", record)], mapping)
    assert (row.refusal and row.refusal.reason) == reason, because
    # By every way in.
    raw = orjson.dumps(record)
    (of_file,) = file_rows(raw, mapping)
    assert (of_file.refusal and of_file.refusal.reason) == reason
    body = records_body(Mapper(mapping), 10)("w", raw)
    assert bool(body.faults) is (reason is not None)
    change = read_change(orjson.dumps({"op": "c", "after": record}))
    (of_change,) = checked([Row("", change.record)], mapping)
    assert (of_change.refusal and of_change.refusal.reason) == reason


def test_record_that_lacks_a_column_can_be_mapped_again():
    (row,) = checked([Row("", {"foo": 1})], mapping_from(MAPPING))
    (refused,) = inputs_of("p", row, Mapper(mapping_from(MAPPING)), observed=None)
    assert (refused.place, refused.refusal.message) == (
        "p#record",
        "the record lacks booking.number, at, hold, charges",
    )


def test_mapping_is_refused_when_it_calls_optional_what_it_does_not_read():
    with pytest.raises(MappingFileError, match="no rule reads charges"):
        mapping_from(MAPPING.replace("charges[].note", "charges[].nothing"))
    with pytest.raises(MappingFileError, match="all its columns"):
        mapping_from(MAPPING.replace('format = "json"', 'format = "csv"'))
