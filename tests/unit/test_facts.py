"""Facts are stored as plain rows: what is read back has to be what was written, or a restart would change the past."""

from dataclasses import fields
from typing import get_args

import orjson
import pytest

from integration.domain import facts
from integration.domain.facts import Fact, from_row, to_row

KINDS = get_args(Fact)
VALUES = {
    "str": "x",
    "str | None": None,
    "Instant": 7,
    "Instant | None": 9,
    "bool": True,
    "tuple[str, ...]": ("a", "b"),
}


def made(kind: type) -> Fact:
    """One of this class, each field of another value where its type allows."""
    values = [VALUES[field.type if isinstance(field.type, str) else _name(field.type)] for field in fields(kind)]
    return kind(*(f"{value}{number}" if value == "x" else value for number, value in enumerate(values)))


def _name(hint: object) -> str:
    return {str: "str", int: "Instant", bool: "bool", str | None: "str | None", int | None: "Instant | None"}.get(
        hint, str(hint)
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_fact_is_the_same_when_it_was_stored_and_read_back(kind):
    fact = made(kind)
    row = orjson.loads(orjson.dumps(to_row(fact)))
    assert row[0] == kind.__name__
    assert from_row(row) == fact
    # because facts are looked up in sets and caches: a list in one would break a day later
    assert hash(from_row(row)) == hash(fact)


def test_every_class_of_fact_can_be_stored_when_they_are_listed():
    assert set(KINDS) == set(facts._CLASSES)
    assert len({kind.__name__ for kind in KINDS}) == len(KINDS)


def test_lists_come_back_as_tuples_when_only_some_fields_are_lists():
    row = ["Opened", "e", 7, ["establishing identity"], "passport"]
    assert from_row(row) == facts.Opened("e", 7, ("establishing identity",), "passport")


def test_a_message_is_like_no_other_when_it_was_stored_before_messages_were_compared():
    asked = made(facts.MessageAsked)
    read = from_row(to_row(asked)[:-1])
    assert isinstance(read, facts.MessageAsked)
    assert (read.message_id, read.digest) == (asked.message_id, "")
