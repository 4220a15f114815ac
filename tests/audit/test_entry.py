import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from integration.audit.entry import UNREADABLE, body, content_salt, jsonl_row, leaf, read_body, text_of
from tests.audit.logs import entry

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
keys = st.text(st.characters(max_codepoint=127), max_size=8)
numbers = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=6), texts)
def test_body_equals_second_implementation_when_values_are_any(detail, text):
    one = entry(1)._replace(detail=detail, source=text, actor=text)
    expected = {
        "v": 1,
        "at": text_of(one.at),
        "detail": detail,
        **{name: getattr(one, name) for name in ("kind", "source", "booking", "actor", "outcome", "place")},
        "pack": one.pack,
        "pack_revision": one.pack_revision,
    }
    assert body(one) == rfc8785.dumps(expected)


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_time_equals_library_text_when_instant_is_any(instant):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
    assert text_of(instant) == moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@pytest.mark.parametrize("instant", [2**62, -(2**62), 253_402_300_800_000_000, -62_135_596_800_000_001])
def test_time_is_refused_when_calendar_has_no_such_year(instant):
    with pytest.raises(ValueError, match="outside the years"):
        text_of(instant)


class Colour(StrEnum):
    RED = "red"


@dataclass
class Plain:
    text: str


class Text(str):
    __slots__ = ()


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return {"a": value}


looped: list = []
looped.append(looped)


@pytest.mark.parametrize(
    "detail",
    [
        {"a": 1.0},
        {"a": [{"b": [0.5]}]},
        {"a": float("nan")},
        {"a": 2**53},
        {"a": [-(2**53)]},
        {1: "a"},
        {"a": {2: "b"}},
        {"é": 1},
        {"a": {"é": 1}},
        {"a": "\ud800"},
        {"a": Colour.RED},
        {"a": Text("x")},
        {"a": datetime(2026, 1, 1, tzinfo=UTC)},
        {"a": b"bytes"},
        {"a": {1, 2}},
        nested(40),
        {"a": looped},
    ],
)
def test_entry_is_refused_when_value_has_no_exact_form(detail):
    with pytest.raises(ValueError, match="entry"):
        body(entry(1)._replace(detail=detail))


FACTS = ("actor", "booking", "kind", "outcome", "pack", "pack_revision", "place", "source")


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("value", [Text("x"), datetime(2026, 1, 1, tzinfo=UTC), Plain("x"), 0.5j, "\ud800"])
def test_entry_is_refused_when_one_of_its_facts_is_no_plain_text(name, value):
    # because another program would write it otherwise, and the leaf would not be found again
    with pytest.raises(ValueError, match="has no canonical form"):
        body(entry(1)._replace(**{name: value}))


def test_an_entry_reads_back_as_it_was_written():
    assert read_body(body(entry(1))) == json.loads(body(entry(1)))


def spoiled(**changes) -> bytes:
    said = json.loads(body(entry(1))) | changes
    return json.dumps({name: value for name, value in said.items() if value is not ...}).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        spoiled(detail=...),
        spoiled(detail=[]),
        spoiled(detail=None),
        *(spoiled(**{name: value}) for name in (*FACTS, "at") for value in (1, None, ...)),
    ],
)
def test_an_entry_is_shown_as_unreadable_when_somebody_changed_it(text):
    # because one entry that was tampered with must not hide all others
    shown = read_body(text)
    assert shown is UNREADABLE
    assert set(shown) == {"actor", "at", "detail", *FACTS}
    assert {shown[name] for name in (*FACTS, "at")} == {""}
    assert "verify the log" in shown["detail"]["unreadable"]


def test_body_is_same_when_mapping_is_read_only():
    one = entry(1)
    assert body(one._replace(detail=MappingProxyType(dict(one.detail)))) == body(one)


def test_leaf_commits_to_salt_and_body_when_made():
    data = json.loads(leaf(b"s" * 32, b"body"))
    assert data == {"alg": "sha256-salted", "commit": sha256(b"s" * 32 + b"body").hexdigest(), "v": 1}
    assert leaf(b"s" * 32, b"body") == rfc8785.dumps(data)
    with pytest.raises(ValueError, match="32 bytes"):
        leaf(b"short", b"body")


def test_content_salt_repeats_only_when_index_and_body_repeat():
    salts = {content_salt(index, text) for index in (0, 1, 256) for text in (b"", b"a", b"b") for _ in range(2)}
    assert len(salts) == 9
    assert {len(salt) for salt in salts} == {32}
    # Fixed for ever: replays of old versions must give the same roots.
    assert (
        content_salt(7, b"body").hex()
        == sha256(b"holdwatch/audit/content-salt/v1\n" + bytes(7) + b"\x07body").hexdigest()
    )


def test_row_holds_body_byte_for_byte_when_written():
    text = body(entry(3))
    data = leaf(bytes(32), text)
    row = jsonl_row(3, data, bytes(32), text)
    assert text in row
    parsed = json.loads(row)
    assert list(parsed) == ["index", "leaf", "salt", "entry"]
    assert parsed["leaf"].encode() == data
    assert rfc8785.dumps(parsed["entry"]) == text
    assert json.loads(jsonl_row(3, data, None, None)) == {
        "index": 3,
        "leaf": data.decode(),
        "salt": None,
        "entry": None,
    }
    assert json.loads(jsonl_row(3, data, None, None, digest=bytes(32)))["hash"] == "00" * 32
    with pytest.raises(ValueError, match="both salt and body"):
        jsonl_row(3, data, bytes(32), None)
