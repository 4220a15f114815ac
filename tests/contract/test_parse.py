"""Whatever comes in: one error class, a reason from the list, no value in its text; and the limits exactly."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.base import instant_of
from schemas.events import MAX_BYTES, MAX_DEPTH, parse
from schemas.refusals import InvalidEventError, Reason
from tests.contract.contract import VALID, event, fits, raw

CANARY = "canary-5b21"
EXAMPLES = [json.loads(path.read_bytes()) for path in VALID]

texts = st.text(max_size=8) | st.just(CANARY)
names = st.sampled_from(sorted({name for example in EXAMPLES for name in [*example, *example["data"]]})) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)


def refusal(content):
    """The reason with which bytes are refused, or None; checks that nothing else is raised and nothing repeated."""
    refused = None
    try:
        parse(content)
    except InvalidEventError as error:
        refused = error
    if refused is None:
        return None
    assert isinstance(refused.reason, Reason)
    assert CANARY not in refused.message
    assert CANARY not in repr(refused)
    assert len(refused.message) < 4096
    return refused.reason


@given(st.binary(max_size=200))
def test_input_is_refused_when_it_is_any_bytes(content):
    assert refusal(content) is not None


@given(values)
def test_input_is_refused_when_it_is_json_of_another_kind(value):
    assert refusal(json.dumps(value).encode()) is not None


@settings(max_examples=300)
@given(st.data())
def test_only_the_one_error_is_raised_when_an_event_is_changed_anywhere(data):
    changed = json.loads(json.dumps(data.draw(st.sampled_from(EXAMPLES))))
    for _ in range(data.draw(st.integers(1, 3))):
        node = data.draw(st.sampled_from(list(_objects(changed))))
        name = data.draw(st.sampled_from(sorted(node)) | names if node else names)
        if data.draw(st.booleans()):
            node.pop(name, None)
        else:
            node[name] = data.draw(values)
    content = json.dumps(changed).encode()
    if refusal(content) is None:
        # What is read has to fit the exported schema too, once the forbidden fields are out.
        assert fits("event", parse(content).content)


def _objects(node):
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(inner)


@given(st.sampled_from(EXAMPLES), st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_only_the_one_error_is_raised_when_bytes_are_overwritten(example, at, patch):
    content = raw(example)
    at %= len(content)
    refusal(content[:at] + patch + content[at + len(patch) :])


@given(st.sampled_from(EXAMPLES), st.integers(1, 2000))
def test_input_is_refused_when_cut_off(example, left_off):
    content = json.dumps(example).encode()
    kept = len(content) - 1 - left_off % len(content)
    assert refusal(content[:kept]) is (Reason.TRUNCATED if kept > 0 else Reason.NOT_JSON)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_value_is_not_repeated_when_any_field_has_the_wrong_one(example):
    for name in example["data"]:
        for wrong in (CANARY, [CANARY], {"x": CANARY}, [{"x": [CANARY]}]):
            refusal(raw({**example, "data": {**example["data"], name: wrong}}))
    for name in example:
        refusal(raw({**example, name: CANARY}))


# -- limits ---------------------------------------------------------------------------------------------------------


def _sized(size):
    padding = size - len(raw(event(data={"reason": ""})))
    return raw(event(data={"reason": "x" * padding}))


def test_event_is_read_when_exactly_at_the_size_limit():
    assert MAX_BYTES == 64 * 1024
    assert len(_sized(MAX_BYTES)) == MAX_BYTES
    assert refusal(_sized(MAX_BYTES)) is None


def test_event_is_refused_when_one_byte_over_the_size_limit():
    assert refusal(_sized(MAX_BYTES + 1)) is Reason.TOO_LARGE


def _nested(depth):
    """An event nested exactly ``depth`` deep: the event, its data and the content are the first three."""
    data = {"message_id": "M", "channel": "fax", "sender": {}, "recipients": [{}], "content": {"other": "HOLE"}}
    # As text: Python's own encoder gives up long before the parser under test.
    inner = "[" * (depth - 3) + f'"{CANARY}"' + "]" * (depth - 3)
    return raw(event("jail.message.requested.v1", data)).replace(b'"HOLE"', inner.encode())


def test_event_is_read_when_exactly_at_the_depth_limit():
    assert MAX_DEPTH == 16
    assert refusal(_nested(MAX_DEPTH)) is None


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100, 1000, 1100, 5000, 30000])
def test_event_is_refused_when_deeper_than_the_limit(depth):
    assert refusal(_nested(depth)) is Reason.TOO_DEEP


def test_event_is_read_when_brackets_stand_in_text_only():
    assert refusal(raw(event(data={"reason": "[{" * 1000}))) is None


@pytest.mark.parametrize("written", ["\\u0000", "x\\u0000y", "\\ud800", "\\udc00\\ud800", "x\\udfff"])
@pytest.mark.parametrize("place", ['"reason": "%s"', '"%s": "x"', '"content": {"other": ["%s"]}'])
def test_event_is_refused_when_it_holds_a_nul_or_a_lone_surrogate(written, place):
    content = json.dumps(event(data={"hole": 1})).replace('"hole": 1', place.replace("%s", written))
    assert refusal(content.encode()) is Reason.BAD_CHARACTER


def test_event_is_refused_when_it_holds_a_raw_nul_or_encoded_surrogate():
    whole = raw(event(data={"reason": "HOLE"}))
    assert refusal(whole.replace(b"HOLE", b"\x00")) is Reason.BAD_CHARACTER
    assert refusal(whole.replace(b"HOLE", b"\xed\xa0\x80")) is Reason.INVALID_UTF8


@pytest.mark.parametrize("text", ["\\\\u0000", "\\ud83d\\ude00", "é ñ 北京 \U0001f600"])
def test_event_is_read_when_characters_are_whole(text):
    content = json.dumps(event(data={"reason": "HOLE"}), ensure_ascii=False).replace("HOLE", text)
    assert refusal(content.encode()) is None


# -- times ----------------------------------------------------------------------------------------------------------

offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30)), offsets, st.sampled_from("Tt "))  # noqa: DTZ001
def test_instant_is_exact_when_offset_is_any(local, offset, separator):
    moment = local.replace(tzinfo=timezone(timedelta(minutes=offset)))
    written = moment.isoformat(sep=separator)
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert instant_of(written) == expected
    content = event(time=written)
    assert parse(raw(content)).event.time == expected
    assert fits("event", content)


@given(st.datetimes(), st.integers(0, 9))
def test_time_is_refused_when_it_has_no_offset(local, digits):
    written = local.strftime("%Y").zfill(4) + local.strftime("-%m-%dT%H:%M:%S") + ("." + "1" * digits if digits else "")
    content = event(time=written)
    assert refusal(raw(content)) is Reason.NO_OFFSET
    assert not fits("event", content)


@given(st.text("0123456789-:TtZz+. ", max_size=32))
def test_only_the_one_error_is_raised_when_time_is_almost_a_time(written):
    content = event(time=written)
    reason = refusal(raw(content))
    assert reason in {None, Reason.BAD_TIME, Reason.NO_OFFSET, Reason.TIME_OUT_OF_RANGE}
    assert fits("event", content) is (reason not in {Reason.BAD_TIME, Reason.NO_OFFSET})


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("2026-11-01T01:30:00-04:00", "2026-11-01T05:30:00Z"),  # the first of the two half past ones
        ("2026-11-01T01:30:00-05:00", "2026-11-01T06:30:00Z"),  # the second
        ("2026-03-02T08:15:00+05:45", "2026-03-02T02:30:00Z"),
        ("2026-03-02T00:00:00-00:00", "2026-03-02T00:00:00z"),
        ("2026-03-02t00:00:00.5+14:00", "2026-03-01T10:00:00.500000Z"),
        ("2026-03-02T00:00:00.1234567Z", "2026-03-02T00:00:00.123456Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00"),
    ],
)
def test_instants_are_equal_when_only_the_offset_is_written_otherwise(written, same):
    assert instant_of(written) == instant_of(same)


@pytest.mark.parametrize(
    "written",
    [
        *("1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00+00:01", "2200-01-01T00:00:00Z", "2026-02-29T00:00:00Z"),
        *("2026-03-01T24:00:00Z", "2026-03-01T23:59:60Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    ],
)
def test_time_is_refused_when_it_is_out_of_range_or_no_such_day(written):
    assert refusal(raw(event(time=written))) is Reason.TIME_OUT_OF_RANGE


@given(st.integers() | st.floats() | st.booleans() | st.none() | st.lists(st.just("2026-03-02T00:00:00Z")))
def test_time_is_refused_when_it_is_no_text(value):
    assert refusal(json.dumps(event(time=value)).encode()) in {Reason.WRONG_TYPE, Reason.NOT_JSON}


# -- what counts as the same ----------------------------------------------------------------------------------------


@given(st.sampled_from(EXAMPLES), st.randoms())
def test_digests_are_equal_when_keys_come_in_another_order(example, random):
    def shuffled(node):
        if not isinstance(node, dict):
            return node
        items = list(node.items())
        random.shuffle(items)
        return {name: shuffled(inner) for name, inner in items}

    spaced = json.dumps(shuffled(example), indent=random.choice([None, 1, 4])).encode()
    assert parse(spaced).digest == parse(raw(example)).digest


def test_digests_are_equal_when_only_a_broker_added_attributes():
    plain, carried = event(), event(traceparent="00-ab-cd-01", partitionkey="k", datacontenttype="application/json")
    assert parse(raw(carried)).digest == parse(raw(plain)).digest


def test_digests_differ_when_a_value_differs():
    assert parse(raw(event(data={"reason": "x"}))).digest != parse(raw(event(data={"reason": "y"}))).digest


def test_input_survives_when_amount_is_huge():
    for amount in ("1e999999999", "9" * 60000, "-0.5", 1e300, 10**300):
        with suppress(InvalidEventError):
            parse(raw(event("jail.bail.set.v1", {"amount": amount})))
