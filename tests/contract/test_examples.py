import json

import pytest
from pydantic import TypeAdapter

from schemas import asyncapi, export
from schemas.events import parse
from schemas.refusals import InvalidEventError, Reason
from tests.contract.contract import INVALID, OUTPUTS, VALID, base_name, fits

# What no schema can say: bytes that are no JSON, and limits of the whole text.
_NOT_IN_SCHEMA = {"too_deep", "bad_character", "repeated_field", "time_out_of_range"}
_NO_JSON = {"invalid_utf8", "not_json", "truncated"}
# Refusals that need more than the one input, or that only a connector's reader gives.
_NOT_IN_ONE_EVENT = {
    "too_large",  # made in test_parse.py: no file of 64 KiB is kept
    "conflicting_duplicate",
    "move_cycle",
    "unknown_source",
    "cannot_process",
    "unreadable_file",
}
_OF_EVENTS = {
    *("too_large", "invalid_utf8", "not_json", "truncated", "too_deep", "bad_character", "unknown_type"),
    *("newer_version", "repeated_field"),
    *("unknown_field", "missing_field", "wrong_type", "bad_value", "no_offset", "bad_time", "time_out_of_range"),
}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_example_is_read_when_valid(path):
    received = parse(path.read_bytes())
    assert received.event.type == base_name(path)
    assert received.stripped == ()


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_example_fits_exported_schemas_when_valid(path):
    content = json.loads(path.read_bytes())
    assert fits(base_name(path), content)
    assert fits("event", content)
    assert not any(fits(other, content) for other in export.event_models() if other != base_name(path))


def test_example_ids_are_unique_when_read_as_one_feed():
    ids = [json.loads(path.read_bytes())["id"] for path in VALID]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_example_is_refused_with_its_reason_when_invalid(path):
    with pytest.raises(InvalidEventError) as refused:
        parse(path.read_bytes())
    assert refused.value.reason == base_name(path)
    assert refused.value.message


@pytest.mark.parametrize(
    "path", [path for path in INVALID if base_name(path) not in _NO_JSON], ids=lambda path: path.stem
)
def test_exported_schema_refuses_example_when_a_schema_can_tell(path):
    if base_name(path) in _NOT_IN_SCHEMA:
        return
    assert not fits("event", json.loads(path.read_bytes()))


def test_every_reason_has_an_invalid_example_when_one_event_can_show_it():
    shown = {base_name(path) for path in INVALID}
    assert shown == _OF_EVENTS - _NOT_IN_ONE_EVENT
    assert set(Reason) >= _OF_EVENTS | _NOT_IN_ONE_EVENT


_MODELS = {**export.FILES, **asyncapi.notice_models()}


@pytest.mark.parametrize("path", OUTPUTS, ids=lambda path: path.stem)
def test_output_example_fits_model_and_exported_schema_when_valid(path):
    TypeAdapter(_MODELS[base_name(path)]).validate_json(path.read_bytes())
    assert fits(base_name(path), json.loads(path.read_bytes()))


def test_every_output_has_an_example_when_exported():
    assert {base_name(path) for path in OUTPUTS} == set(_MODELS)
