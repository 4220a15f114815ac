"""A name that stands twice with two values is refused, however it is written; nothing else is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import parse
from schemas.refusals import InvalidEventError, Reason
from schemas.repeated import repeated_name
from tests.contract.contract import event, raw

CANARY = "canary-77c0"
DEEP = "[" * 900 + "]" * 900


def lifted(data):
    """A lifting whose ``data`` is this text."""
    return raw(event("jail.hold.lifted.v1", {"hole": 1})).replace(b'{"hole": 1}', data.encode())


REFUSED = (
    ('{"hold_id":"a","hold_id":"b"}', "/data/hold_id", "side by side"),
    ('{"hold_id":"a","reason":"x","hold_id":"b"}', "/data/hold_id", "with another name between"),
    ('{"hold_id":"a","hold_id" :"b"}', "/data/hold_id", "a space hides the second one"),
    ('{"hold_id"\t\t: "a","hold_id"\t:"b"}', "/data/hold_id", "tabs hide both"),
    ('{"hold_id":"a","hold_\\u0069d":"b"}', "/data/hold_id", "one of them is escaped"),
    ('{"reason":":x","hold_id":"a","hold_id":":b"}', "/data/hold_id", "texts that begin with a colon"),
    ('{"hold_id":1,"hold_id":"1"}', "/data/hold_id", "a number is not a text"),
    ('{"hold_id":{"x":1},"hold_id":"a"}', "/data/hold_id", "the first is no text at all"),
    ('{"hold_id":"a"},"data":{"hold_id":"b"}', "/data", "the whole of the data twice"),
    ('{"hold_id":"a"},"subject":"other"', "/subject", "the booking twice"),
    ('{"hold_id":"a"},"type":"jail.event.retracted.v1"', "/type", "the type twice"),
    (f'{{"hold_id":{DEEP},"hold_id":"a"}}', "/data/hold_id", "what the first says is too deep to be read"),
    (f'{{"hold_id":"a","{CANARY} x":1,"{CANARY} x":2}}', "/data/(unnamed)", "a name that is none is not repeated"),
)


@pytest.mark.parametrize(("data", "place", "because"), REFUSED, ids=[row[2] for row in REFUSED])
def test_event_is_refused_when_a_name_stands_twice_with_two_values(data, place, because):
    with pytest.raises(InvalidEventError) as refused:
        parse(lifted(data))
    assert refused.value.reason is Reason.REPEATED_FIELD, because
    assert refused.value.message.partition(":")[0] in {place, "/"}, because
    assert CANARY not in refused.value.message


READ = (
    ('{"hold_id":"a","hold_id":"a"}', "both say the same"),
    ('{"hold_id" : "a"}', "once, with a space"),
    ('{"hold_id":"a","reason":"\\"hold_id\\":\\"b\\""}', "the second one is text"),
    ('{"hold_id":"a","reason":":"}', "a text that is a colon"),
    ('{"hold_id":"a","reason":"note : x"}', "a space before a colon within text"),
)


@pytest.mark.parametrize(("data", "because"), READ, ids=[row[1] for row in READ])
def test_event_is_read_when_no_name_has_two_values(data, because):
    assert parse(lifted(data)).event.data.hold_id == "a", because


# Few names and few texts, so that they meet; and those that look like what ends a name.
texts = st.sampled_from(["", "a", "b", ":", ":a", '"', '":', " :", "\\", "é"])
objects = st.recursive(
    st.lists(st.tuples(texts, texts | st.integers(0, 2)), max_size=4).map(lambda pairs: ("{", pairs)),
    lambda inner: (
        st.lists(st.tuples(texts, inner | texts), max_size=3).map(lambda pairs: ("{", pairs))
        | st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)


def written(node, gap):
    if isinstance(node, tuple):
        return "{" + ",".join(f"{json.dumps(name)}{gap}:{written(value, gap)}" for name, value in node[1]) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(written(item, gap) for item in node) + "]"
    return json.dumps(node, ensure_ascii=False)


def says_two_things(node):
    if isinstance(node, tuple):
        pairs = node[1]
        if any(name == other and value != said for name, value in pairs for other, said in pairs):
            return True
        return any(says_two_things(value) for _, value in pairs)
    return isinstance(node, list) and any(map(says_two_things, node))


@given(objects, st.sampled_from(["", " ", "\t", "  "]))
def test_a_name_is_found_exactly_when_it_stands_twice_with_two_values(node, gap):
    text = written(node, gap).encode()
    assert (repeated_name(text, json.loads(text)) is not None) == says_two_things(node)
