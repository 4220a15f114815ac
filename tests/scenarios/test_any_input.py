"""Whatever an input is, processing it never fails: the examples of every type with strange values in every place."""

import random
from pathlib import Path
from typing import Any

import orjson
import pytest

import schemas
from integration.runners.replay import SimulatedClock
from integration.services.intake import Input, Intake, Tally
from tests.differential import test_pack
from tests.memory_store import MemoryStore
from tests.scenarios.laws import desk_over

EXAMPLES = sorted((Path(schemas.__file__).parent / "examples").rglob("jail.*.json"))
STRANGE: tuple[Any, ...] = (
    None, True, 0, -1, 2**53, 2**70, 0.1, 1e308, -0.0, "", " ", "x" * 600, "é\u0301\u202e\U0001f511", "\u0130\u0131ß",
    "a" * 200 + "@" + "b" * 200, "@", "<@>", "a@xn--", "ice@ice.gov", "I-247", "Form I-247A (", "1" * 5000, "#" * 3000,
    "\x85\u2028\x1f", "judge", "١٢٣٤٥٦٧٨", [], {}, [[]], [None], {"a": 1}, {"": None}, {"é": 1.5}, ["x"] * 500,
    "1970-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z", "2025-01-01T00:00:00+23:59", "2016-12-31T23:59:60Z",
)  # fmt: skip


def places(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at] * bool(at) + [place for key, value in inner for place in places(value, (*at, key))]


def put(node: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value


def strange_events(dice: random.Random, count: int) -> list[bytes]:
    """Examples with one or two values replaced, under few numbers, so that they meet in one booking."""
    made = []
    for number in range(count):
        event = orjson.loads(dice.choice(EXAMPLES).read_bytes())
        event |= {"id": f"e{number}", "subject": f"B{dice.randrange(4)}", "source": "/jms/a"}
        for _ in range(dice.choice((0, 1, 1, 2))):
            strange = dice.choice(STRANGE)
            strange = (
                strange if isinstance(strange, int) and abs(strange) > 2**63 else orjson.loads(orjson.dumps(strange))
            )
            put(event, dice.choice(places(event)), strange)
        made.append(_dumps(event))
    return made


def _dumps(event: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(event)
    except TypeError:  # an integer of more than 64 bits
        return repr(event).replace("'", '"').replace("None", "null").replace("True", "true").encode()


@pytest.mark.parametrize("seed", range(12))
def test_no_input_makes_processing_fail_when_its_values_are_strange(seed):
    dice = random.Random(seed)
    store, tally = MemoryStore(), Tally()
    desk, clock = desk_over(store, test_pack()), SimulatedClock()
    raws = strange_events(dice, 250)
    for at in range(0, len(raws), 50):
        inputs = [Input(f"f:{at + number}", raw) for number, raw in enumerate(raws[at : at + 50])]
        tally.add(Intake(desk).take(inputs, clock, pass_time=lambda now: desk.advance(now - 1)))
    assert "cannot_process" not in tally.reasons
    assert tally.read == tally.accepted + tally.duplicates + tally.refused == len(raws)
    assert tally.accepted > 60
    assert [each.raw for each in store.refused] == [raw for raw in raws if raw in {each.raw for each in store.refused}]
