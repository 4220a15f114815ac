"""Tables as jails write them: encodings, embedded line ends, broken rows."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jms_csv.encodings import decode, detected
from connectors.mapping.files import file_rows
from connectors.mapping.load import mapping_from
from schemas.refusals import Reason

MAPPING = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[input]
encoding = "{encoding}"
[record]
booking = "No"
[[events]]
name = "opened"
type = "booking.opened"
time = "At"
data = {{ booked_by = "Café" }}
"""
TEXT = 'No,At,Café\r\nB-1,2026-03-02T08:00,"née\r\nO\u2019Hara"\r\n'


def mapping(encoding="detect"):
    return mapping_from(MAPPING.format(encoding=encoding))


ENCODINGS = [
    ("utf-8", TEXT.encode(), "utf-8"),
    ("utf-8-sig", TEXT.encode("utf-8-sig"), "utf-8-sig"),
    ("utf-16", TEXT.encode("utf-16"), "utf-16"),
    ("cp1252", TEXT.encode("cp1252"), "cp1252"),
    ("latin-1", TEXT.replace("\u2019", "\x81").encode("latin-1"), "latin-1"),
    ("utf-16 without a mark", TEXT.encode("utf-16-le"), "utf-16-le"),
    ("utf-16 big endian", TEXT.encode("utf-16-be"), "utf-16-be"),
    ("utf-16 with a big-endian mark", codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
]


@pytest.mark.parametrize(("name", "raw", "encoding"), ENCODINGS, ids=[case[0] for case in ENCODINGS])
def test_table_is_read_when_its_encoding_has_to_be_detected(name, raw, encoding):
    (row,) = file_rows(raw, mapping())
    assert detected(raw) == encoding
    assert row.refusal is None
    assert (row.place, row.record["No"]) == ("line 2", "B-1")
    assert row.record["Café"].startswith("née\r\nO")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_table_is_read_when_its_encoding_is_declared(encoding):
    text = TEXT if encoding != "latin-1" else TEXT.replace("\u2019", "'")
    (row,) = file_rows(text.encode(encoding), mapping(encoding))
    assert row.refusal is None
    assert row.record["Café"][:3] == "née"


def test_mark_is_no_part_of_a_name_when_utf8_is_declared():
    assert decode(TEXT.encode("utf-8-sig"), "utf-8").text.startswith("No")


def test_row_is_refused_and_the_next_read_when_a_byte_is_no_character():
    raw = b"No,At,Caf\xc3\xa9\nB-1,x,\xff\nB-2,x,y\n"
    first, second = file_rows(raw, mapping("utf-8"))
    assert first.refusal is not None
    assert first.refusal.reason is Reason.BAD_ENCODING
    assert second.record["No"] == "B-2"
    assert first.raw


BROKEN = [
    ("No,At\nB-1,x\n", Reason.MISSING_FIELD, "a column that the mapping reads is not there"),
    ("", Reason.BAD_ROW, "an empty file has no header"),
    ("\n\n", Reason.BAD_ROW, "only line ends"),
    ("No,At,Café,No\n", Reason.BAD_ROW, "which of the two is meant?"),
    ("No,,Café,At\n", Reason.BAD_ROW, "a column without a name"),
    ("No,At,Café\nB-1,x\n", Reason.BAD_ROW, "a field is missing: which?"),
    ("No,At,Café\nB-1,x,y,z\n", Reason.BAD_ROW, "a field too many: an unquoted comma moves all others"),
    ('No,At,Café\nB-1,x,"y\nB-2,x,y\n', Reason.BAD_ROW, "an unclosed quote swallows what follows"),
    ('No,At,Café\nB-1,x,"y"z\n', Reason.BAD_ROW, "text after a quote"),
]


@pytest.mark.parametrize(("text", "reason", "because"), BROKEN, ids=[case[2] for case in BROKEN])
def test_table_is_refused_with_its_reason_when_it_is_broken(text, reason, because):
    rows = list(file_rows(text.encode(), mapping("utf-8")))
    assert [row.refusal.reason for row in rows if row.refusal] == [reason], because


def test_blank_lines_and_a_last_delimiter_are_nothing():
    text = "No,At,Café,\n\nB-1,x,y,\n , ,\n"
    (row,) = file_rows(text.encode(), mapping("utf-8"))
    assert (row.place, dict(row.record)) == ("line 3", {"No": "B-1", "At": "x", "Café": "y"})


def test_columns_are_those_of_the_mapping_when_there_is_no_header():
    text = MAPPING.format(encoding="utf-8").replace("[record]", 'columns = ["No", "At", "Café"]\n[record]')
    (row,) = file_rows(b"B-1,x,y\n", mapping_from(text))
    assert (row.place, row.record["No"]) == ("line 1", "B-1")


def test_document_is_refused_when_it_is_too_large():
    text = MAPPING.format(encoding="utf-8").replace("[record]", "max_bytes = 10\n[record]")
    (row,) = file_rows(b"x" * 11, mapping_from(text))
    assert row.refusal is not None
    assert row.refusal.reason is Reason.TOO_LARGE


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: ("No,At,Café\n" + text).encode("utf-8", "ignore")),
    )
)
def test_any_bytes_are_rows_or_refused(raw):
    for encoding in ("detect", "utf-16", "cp1252"):
        for row in file_rows(raw, mapping(encoding)):
            assert isinstance(row.raw, bytes)


STRAY = [
    ('"6 IN KNIFE', 'PIPE 6"', 1, "a row that is swallowed"),
    ('"6 IN KNIFE', "PIPE", 2, "an end that never comes"),
    ("6 IN KNIFE", 'PIPE 6"', 0, "quotes inside are no quotation marks"),
    ('"LARCENY, SECOND\r\nDEGREE, OF A CAR"', "PIPE", 0, "a remark of two lines"),
    ('"a, b, c, d, e\r\nf, g, h"', "PIPE", 0, "with more commas than a row"),
]
WIDE = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[record]
booking = "No"
[[events]]
name = "opened"
type = "booking.opened"
time = "At"
"""


@pytest.mark.parametrize(("first", "second", "refused", "because"), STRAY, ids=[row[-1] for row in STRAY])
def test_row_is_refused_when_a_stray_quote_swallows_the_next(first, second, refused, because):
    table = f"No,At,Charge,Hold,Cell\r\nB-1,x,{first},N,1\r\nB-2,x,{second},Y,2\r\nB-3,x,y,N,3\r\n"
    rows = list(file_rows(table.encode(), mapping_from(WIDE)))
    told = [row.refusal.reason for row in rows if row.refusal is not None]
    assert told == [Reason.BAD_ROW] * min(refused, 1), because
    assert len(rows) == {0: 3, 1: 2, 2: 1}[refused]
    kept = b"".join(row.raw for row in rows)
    assert b"B-2" in kept, "nothing of it is lost"
