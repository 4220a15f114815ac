"""Whole messages against the events they are known to give. See ``write_golden`` for how the files come about."""

import json
from pathlib import Path

import pytest

from tests.connectors.jms_niem.reading import mapped
from tests.connectors.jms_niem.write_golden import CASES

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", CASES)
def test_message_gives_its_golden_events(name):
    document = (HERE / "fixtures" / f"{name}.xml").read_bytes()
    golden = (HERE / "golden" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()

    assert list(mapped(document).events) == [json.loads(line) for line in golden]


@pytest.mark.parametrize("name", CASES)
def test_fixture_is_what_its_generator_writes(name):
    assert (HERE / "fixtures" / f"{name}.xml").read_bytes() == CASES[name]
