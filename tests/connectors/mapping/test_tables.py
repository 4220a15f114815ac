"""Two counties' real code tables, read as tables and sorted by the words of a mapping. They lie beside the project."""

from pathlib import Path

import pytest

from connectors.mapping.apply import Mapper
from connectors.mapping.files import file_rows
from connectors.mapping.load import mapping_from

TABLES = Path(__file__).parents[4] / "shared" / "feeds" / "ojbc-code-tables"
FILES = sorted(TABLES.glob("*.csv"))
MAPPING = """
version = 1
source = "/jms/a"
zone = "America/Denver"
[record]
booking = "NIEM_Booking_Message_Code"
[[events]]
name = "detainer"
type = "hold.placed"
time = { observed = true }
where = [{ column = "COLUMN", names = "immigration_authority" }]
data = { hold_id = { value = "h" }, kind = { value = "immigration_detainer" } }
[[events]]
name = "other"
type = "hold.placed"
time = { observed = true }
where = [{ column = "COLUMN", names = "other_agency" }]
data = { hold_id = { value = "h" }, kind = { value = "agency_hold" } }
"""
IMMIGRATION = ("IMMIGRATION", "IMMIGRAT", "NATURALIZATION", "BORDER PATROL")

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FILES, reason="the tables' licence forbids to ship them; they lie beside the project"),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_code_table_is_read_whole(file):
    column = next(name for name in file.read_text().splitlines()[0].split(",") if name.endswith("Description"))
    rows = list(file_rows(file.read_bytes(), mapping_from(MAPPING.replace("COLUMN", column))))
    assert rows
    assert [row.refusal for row in rows if row.refusal is not None] == []


@pytest.mark.parametrize("file", [each for each in FILES if "Agency" in each.stem or "Jurisdiction" in each.stem],
                         ids=lambda file: file.stem)  # fmt: skip
def test_agency_is_sorted_by_whole_words(file):
    from datetime import UTC, datetime

    column = next(name for name in file.read_text().splitlines()[0].split(",") if name.endswith("Description"))
    mapper = Mapper(mapping_from(MAPPING.replace("COLUMN", column)))
    for row in file_rows(file.read_bytes(), mapper.mapping):
        mapped = mapper.map(row.record, observed=datetime(2026, 3, 2, tzinfo=UTC))
        kinds = [event["data"]["kind"] for event in mapped.events]
        said = row.record[column].upper()
        wanted = "immigration_detainer" if any(word in said for word in IMMIGRATION) else "agency_hold"
        assert kinds == [wanted] or not said, said
