"""What a record says of an immigration hold where no rule looks, and what a spreadsheet does to a table."""

import csv
import io

import pytest

from connectors.mapping.apply import Mapper
from connectors.mapping.files import file_rows
from connectors.mapping.load import load_mapping, mapping_from
from connectors.mapping.rows import Row, inputs_of
from connectors.mapping.unread import is_immigration
from tests.conftest import ROOT

EXAMPLE = load_mapping(ROOT / "connectors" / "jms_csv" / "example" / "mapping.toml")
HEADER = (
    "BookingNo PersonKey BookedAt ChargeSeq Statute Charge Status StatusAt HoldAgency ImmHold DetainerForm DetainerAt "
    "EligibleAt EligibleWhy ReleasedAt ReleaseCode Cell Citizenship"
).split()
BASE = {
    "BookingNo": "B-1", "PersonKey": "P-1", "BookedAt": "03/02/2026 08:15", "ChargeSeq": "1", "Statute": "750.81D",
    "Charge": "LARCENY", "Status": "OPEN", "ImmHold": "N", "Cell": "A-12",
}  # fmt: skip
CANARY = "Quillfeather"


def table(*rows, header=None, delimiter=","):
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(header or HEADER)
    writer.writerows([[{**BASE, **row}.get(name, "") for name in HEADER] for row in rows])
    return written.getvalue().encode()


def read(raw, mapping=EXAMPLE):
    """Return the kinds of holds, and the refusals."""
    rows = [each for row in file_rows(raw, mapping) for each in inputs_of("f", row, Mapper(mapping), observed=None)]
    kinds = [each.raw.decode().partition('"kind":"')[2].partition('"')[0] for each in rows if each.refusal is None]
    refused = [(each.refusal.reason.value, each.refusal.message) for each in rows if each.refusal is not None]
    assert CANARY not in str(refused)
    return [kind for kind in kinds if kind], refused


COLUMNS = [
    ({"Cell": "ICE HOLD"}, ["charge"], "Cell", "a column that the mapping does not read"),
    ({"EligibleWhy": "I-247A"}, ["charge"], "EligibleWhy", "one that a rule reads for something else"),
    ({"Cell": "I-862"}, ["charge"], "Cell", "a notice to appear, of the same authority"),
    ({"Cell": "I.C.E. H.O.L.D."}, ["charge"], "Cell", "letter by letter"),
    ({"Charge": "HOLD", "Statute": "ICE"}, ["agency_hold"], "Statute", "or ICE would be an agency that may keep them"),
    ({"Charge": "HOLD", "Cell": "ICE"}, ["agency_hold"], "Cell", "wherever it stands"),
    ({"Cell": "ICE"}, ["charge"], None, "a cell of that name, beside a charge"),
    ({"Cell": "NO ICE HOLD"}, ["charge"], None, "says that there is none"),
    ({"Cell": "ICE HOLD", "ImmHold": "Y"}, ["charge", "immigration_detainer"], None, "the flag has said it"),
    ({"Status": "PR BOND", "StatusAt": "03/03/2026 10:00", "ReleasedAt": "03/03/2026 11:00", "ReleaseCode": "ICE HOLD"},
     ["charge"], None, "the transfer to ICE says it"),
    ({"Charge": "HOLD", "HoldAgency": "USM", "DetainerForm": "I-247A", "DetainerAt": "03/02/2026 10:00", "Cell": "ICE"},
     ["agency_hold", "immigration_detainer"], None, "its form has said it"),
    ({"PersonKey": f"ICE HOLD {CANARY}"}, ["charge"], None, "more than a hold: a remark"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "kinds", "column", "because"), COLUMNS, ids=[row[3] for row in COLUMNS])
def test_record_is_refused_when_it_says_a_hold_that_no_rule_made(changed, kinds, column, because):
    found, refused = read(table(changed))
    assert found == kinds, because
    assert [reason for reason, _ in refused] == (["unmapped_code"] if column else [])
    assert all(f"record: {column}: it says an immigration hold" in message for _, message in refused)


CHANGES = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[input]
format = "json"
[record]
booking = "no"
key = ["no"]
[[events]]
name = "held"
type = "hold.placed"
on = "change"
watch = ["why"]
time = { observed = true }
where = [{ column = "why", in = ["ICE HOLD"] }]
data = { hold_id = { value = "h" }, kind = { value = "immigration_detainer" } }
"""


def test_record_is_no_dead_letter_when_its_hold_was_told_and_has_not_changed():
    mapping = mapping_from(CHANGES)
    row = Row("record 1", {"no": "B-1", "why": "ICE HOLD"})
    assert list(inputs_of("f", row, Mapper(mapping), observed=None, changed=lambda _rule, _hash: False)) == []


NUMBERS = [
    ("2.02603E+09", 1, "rounded: the next ones read the same, and their facts would be one person's"),
    ("2,02603E+09", 1, "with another country's comma"),
    ("########", 1, "a column that was too narrow when it was printed"),
    ("#REF!", 1, "a formula that went wrong"),
    ("#N/A", 1, "a look-up that found nothing"),
    ("26E04", 0, "a number of the jail's own kind"),
    ("#1001", 0, "so is this"),
]


@pytest.mark.parametrize(("number", "refused", "because"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_booking_number_is_refused_when_a_spreadsheet_made_it(number, refused, because):
    kinds, found = read(table({"BookingNo": number}))
    assert bool(kinds) is not bool(refused), because
    assert {reason for reason, _ in found} == ({"bad_value"} if refused else set())


@pytest.mark.parametrize("nobody", ["N/A", "-", "NULL"])
def test_agency_is_nobody_when_the_column_says_so(nobody):
    assert read(table({"HoldAgency": nobody})) == (["charge"], []), "it would give authority to keep the person"


HEADS = [
    (table(BASE, delimiter=";"), "is it the header, and is ',' the delimiter?", "another delimiter"),
    (f"Roster of {CANARY}\r\n".encode() + table(BASE), "line 1 has none of the columns", "a title above the header"),
    (b"sep=,\r\n" + table(BASE), "line 1 has none of the columns", "what a spreadsheet writes first"),
    (table(BASE, header=[name.upper() for name in HEADER]), "BookingNo (there is one that is spelled", "other letters"),
    (table(BASE, header=["Booking No", *HEADER[1:]]), "lacks BookingNo (there is one that is spelled", "a blank"),
    (table(BASE, header=["Number", *HEADER[1:]]), "the header lacks BookingNo", "renamed"),
]


@pytest.mark.parametrize(("raw", "says", "because"), HEADS, ids=[row[2] for row in HEADS])
def test_file_is_refused_with_what_is_wrong_when_its_header_is_not_the_mappings(raw, says, because):
    kinds, refused = read(raw)
    assert kinds == []
    (told,) = refused
    assert told[0] == "missing_field"
    assert says in told[1], because


PAPERS = [
    ({"kind": "immigration_detainer"}, True, "its kind"),
    ({"kind": "court_order", "document": {"form": "I-247A"}}, True, "its form decides, whatever kind it was given"),
    ({"kind": "judicial_warrant", "document": {"form": "AO 442"}}, False, "a court's form"),
    ({"kind": "agency_hold"}, False, "somebody else's"),
]


@pytest.mark.parametrize(("placed", "expected", "because"), PAPERS, ids=[row[2] for row in PAPERS])
def test_hold_is_an_immigration_paper_when_its_kind_or_its_form_says_so(placed, expected, because):
    assert is_immigration(placed) is expected, because


NOTHING = [
    ("", "", {"", "null", "n/a", "-"}, "what stands for nothing unless said otherwise"),
    ("", '"N/A" = false', {"", "null", "-"}, "a code that a table lists means what it says there"),
    ('empty = ["N/A"]\n', '"N/A" = false', {"", "n/a"}, "what the mapping says itself counts"),
]


@pytest.mark.parametrize(("empty", "code", "expected", "because"), NOTHING, ids=[row[3] for row in NOTHING])
def test_text_stands_for_nothing_unless_a_table_lists_it(empty, code, expected, because):
    text = CHANGES.replace("[input]", f"{empty}[input]", 1)
    text = text.replace("[[events]]", f"[tables.flag]\ncodes = {{ Y = true, {code} }}\n[[events]]", 1) if code else text
    assert mapping_from(text).nothing == expected, because
