"""The mapping file: strict, all faults at once, and laid over documented defaults."""

import pytest

from connectors.jms_niem import MappingFileError, load_mapping, mapping_from
from connectors.jms_niem.mapping import DEFAULTS, Mapping
from tests.connectors.jms_niem.documents import Charge, Document
from tests.connectors.jms_niem.reading import mapped, one


def test_file_needs_source_and_zone_and_nothing_else(tmp_path):
    file = tmp_path / "county.toml"
    file.write_text('source = "/jms/riverton"\nzone = "America/Phoenix"\n')

    mapping = load_mapping(file)
    assert (mapping.source, mapping.zone, mapping.date_only_due) == ("/jms/riverton", "America/Phoenix", "end_of_day")


def test_all_faults_are_named_at_once():
    faulty = {
        "zone": "Mars/Olympus",
        "surprise": 1,
        "date_only_due": "teatime",
        "limits": {"max_bytes": "big"},
        "agencies": {"X": {"name": "X", "class": "friend"}},
        "bond_statuses": {"POST": "perhaps"},
        "immigration": {"names": []},
    }

    with pytest.raises(MappingFileError) as caught:
        mapping_from(faulty)

    named = (
        "source",
        "zone",
        "surprise",
        "date_only_due",
        "limits.max_bytes",
        "agencies.X.class",
        "bond_statuses.POST",
        "immigration.names",
    )
    assert all(f"\n{place}:" in str(caught.value) for place in named)


def test_codes_that_read_the_same_and_say_different_things_are_refused():
    with pytest.raises(MappingFileError, match="reads the same"):
        mapping_from({"source": "/x", "zone": "UTC", "bond_statuses": {"R.O.R.": "posted", "ROR": "active"}})


def test_countys_word_takes_the_place_of_the_default_however_it_is_written():
    mapping = mapping_from(
        {"source": "/x", "zone": "UTC", "bond_statuses": {"posted bond": "active", "ZAPP": "posted"}}
    )

    assert "covers_all" not in str(mapped(Document(charges=[Charge(bond_status="Posted Bond")]), mapping).events)
    assert one(mapped(Document(charges=[Charge(bond_status="zapp")]), mapping), "bail.posted")["data"]["covers_all"]


@pytest.mark.parametrize("text", ["source = ", "\x00", "source = 1\nsource = 2"])
def test_file_that_is_no_toml_is_refused(tmp_path, text):
    file = tmp_path / "county.toml"
    file.write_text(text)

    with pytest.raises(MappingFileError):
        load_mapping(file)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(MappingFileError):
        load_mapping(tmp_path / "none.toml")


def test_every_key_is_explained_in_the_defaults():
    text = DEFAULTS.read_text(encoding="utf-8")

    for name, field in Mapping.model_fields.items():
        inner = getattr(field.annotation, "model_fields", {})
        for key in (name, *inner):
            assert key in text, f"{key} is not in {DEFAULTS.name}"
