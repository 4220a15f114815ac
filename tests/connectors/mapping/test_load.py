"""A mapping file's faults: all of them at once, each with its line."""

from pathlib import Path

import pytest

from connectors.mapping.lines import key_lines, line_of
from connectors.mapping.load import MappingFileError, load_mapping, mapping_from

EXAMPLE = Path(__file__).parents[3] / "connectors" / "jms_csv" / "example" / "mapping.toml"
GOOD = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[record]
booking = "No"
[tables.kinds]
codes = { C = "charge" }
[[events]]
name = "opened"
type = "booking.opened"
time = "At"
[[events]]
name = "held"
type = "hold.placed"
time = "At"
[events.data]
hold_id = "No"
kind = { column = "Kind", table = "kinds" }
"""

FAULTY = [
    ('zone = "America/Detroit"', 'zone = "Detroit"', 3, "zone", "a zone that is none would shift every time"),
    ('booking = "No"', 'booking = "Alien-Number"', 5, "never read", "an alien number must not become a key"),
    ('codes = { C = "charge" }', 'codes = { C = "charged" }', 18, "'charged' is none of", "no hold is of that kind"),
    ('codes = { C = "charge" }', 'codes = { C = "charge", c = "arrest" }', 6, "reads the same", "which is meant?"),
    ('name = "held"', 'name = "opened"', 13, "two rules", "a refusal could not say which rule it was"),
    ('type = "booking.opened"', 'type = "booking.closed"', 10, "no event type", "the contract has no such type"),
    ('hold_id = "No"', "", 16, "needs hold_id", "an event without it would be refused every time"),
    ('hold_id = "No"', 'hold_id = "No"\nholdid = "No"', 18, "no such field", "a misspelt field would stay empty"),
    ('table = "kinds"', 'table = "kind"', 18, "no [tables.kind]", "a misspelt table would refuse every row"),
    ('kind = { column = "Kind", table = "kinds" }', "kind = { value = true }", 18, "is none of", "not a kind"),
    ('time = "At"\n[[events]]', 'time = { value = "x" }\n[[events]]', 11, "a time comes from", "no constant time"),
    ("version = 1", 'version = 1\nzones = "UTC"', 2, "Extra inputs", "an unknown key is a misspelt one"),
    ("[record]", '[times]\nformats = ["%d.%m"]\n[record]', 5, "strptime", "a time without a year is no time"),
    ('time = "At"\n[[events]]', 'time = "At"\non = "change"\n[[events]]', 8, "watch", "a change of what?"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "line", "said", "because"), FAULTY, ids=[row[4] for row in FAULTY])
def test_fault_is_told_with_its_line_when_a_mapping_is_wrong(good, bad, line, said, because):
    with pytest.raises(MappingFileError) as told:
        mapping_from(GOOD.replace(good, bad, 1))
    (fault,) = [each for each in told.value.faults if said in each]
    assert fault.startswith(f"line {line}: "), because


def test_every_fault_is_told_at_once_when_there_are_several():
    text = (
        GOOD.replace("America/Detroit", "Nowhere").replace('"booking.opened"', "3").replace('name = "held"', "name = 5")
    )
    with pytest.raises(MappingFileError) as told:
        mapping_from(text)
    assert len(told.value.faults) == 3
    several = GOOD.replace("booking.opened", "booking.x").replace('table = "kinds"', 'table = "x"')
    with pytest.raises(MappingFileError) as told:
        mapping_from(several)
    assert len(told.value.faults) == 2


@pytest.mark.parametrize("text", ["", "=", "version = 2", "[[events]]\n", "\x00", 'a = """\n[x]\n'])
def test_mapping_is_refused_when_it_is_no_mapping(text):
    with pytest.raises(MappingFileError):
        mapping_from(text)


def test_mapping_is_refused_when_its_file_cannot_be_read(tmp_path):
    with pytest.raises(MappingFileError):
        load_mapping(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(MappingFileError, match="byte 5"):
        load_mapping(tmp_path / "latin.toml")


def test_lines_are_found_when_keys_stand_in_tables_lists_and_dots():
    text = '[a]\nb = 1\n"c d" = 2\n[[e]]\nf = """\n[not]\n"""\n[[e]]\nf.g = 1\n[e.h]\ni = 1\n'
    lines = key_lines(text)
    assert lines[("a", "b")] == 2
    assert lines[("a", "c d")] == 3
    assert lines[("e", 1, "f", "g")] == 9
    assert lines[("e", 1, "h", "i")] == 11
    assert ("not",) not in lines
    assert line_of(lines, ("e", 0, "x", "y")) == 4
    assert line_of(lines, ("z",)) is None


def test_example_has_no_fault():
    assert load_mapping(EXAMPLE).source == "/jms/example-county"
