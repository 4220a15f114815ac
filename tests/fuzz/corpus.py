"""Where fuzzing starts: valid inputs of every type with a canary in every free text, and the known bad ones."""

import random
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

import schemas
from connectors.jms_niem import MappingError, map_document
from schemas.events import parse
from schemas.refusals import InvalidEventError
from tests.connectors.jms_niem.documents import Document, riverton
from tests.connectors.jms_niem.reading import RECEIVED, SPRINGFIELD
from tests.connectors.jms_niem.test_hostile import RICH
from tests.oracle.histories import history, wide
from tests.scenarios.bad import BAD, BAD_XML

CANARY = "Zyx Quorn"
"""Stands where personal values stand. With its space it cannot be taken for a field's name, which may be told."""
EXAMPLES = Path(schemas.__file__).parent / "examples"
FIXTURES = Path(__file__).parents[1] / "connectors" / "jms_niem" / "fixtures"
HISTORIES = range(6)


def places(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, the value itself left out."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at] * bool(at) + [place for key, value in inner for place in places(value, (*at, key))]


def value_at(node: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        node = node[key]
    return node


def put(node: Any, place: tuple[Any, ...], value: Any) -> None:
    value_at(node, place[:-1])[place[-1]] = value


def planted(raw: bytes) -> bytes:
    """The event with the canary in each text that may hold it."""
    event = orjson.loads(raw)
    for place in places(event):
        value = value_at(event, place)
        if not isinstance(value, str) or place in {("type",), ("source",), ("subject",), ("specversion",)}:
            continue
        put(event, place, f"{value} {CANARY}")
        try:
            parse(orjson.dumps(event))
        except InvalidEventError:
            put(event, place, value)
    return orjson.dumps(event)


def _readable(raw: bytes) -> bool:
    with suppress(InvalidEventError):
        parse(raw)
        return True
    return False


@cache
def events() -> tuple[bytes, ...]:
    """Every example, known bad inputs, and the events of some random histories."""
    examples = [path.read_bytes() for path in sorted(EXAMPLES.glob("*.json"))]
    wrong = [path.read_bytes() for path in sorted((EXAMPLES / "invalid").glob("*.json"))]
    told = [orjson.dumps(event) for seed in HISTORIES for make in (history, wide) for event in make(seed)]
    good = [planted(raw) for raw in dict.fromkeys([*examples, *told]) if _readable(raw)]
    return (*good, *wrong, *(bad.raw for bad in BAD if len(bad.raw) < 5000))


@cache
def documents() -> tuple[bytes, ...]:
    """Every fixture, a rich document in the writing of two counties, and the known bad ones."""
    whole = [path.read_bytes() for path in sorted(FIXTURES.glob("*.xml"))]
    whole += [RICH.xml(), riverton(RICH), Document().xml(), Document(root="CustodyReleaseReport").xml()]
    return (*map(planted_document, whole), *(bad.raw for bad in BAD_XML))


def planted_document(raw: bytes) -> bytes:
    """The document with the canary in each text that may hold it without giving fewer events."""
    root = etree.fromstring(raw)
    expected = _yield_of(raw)
    for node in root.iter():
        if not (node.text or "").strip() or len(node):
            continue
        before, node.text = node.text, f"{(node.text or '').strip()} {CANARY}"
        if _yield_of(etree.tostring(root)) != expected:
            node.text = before
    return etree.tostring(root)


def _yield_of(document: bytes) -> tuple[int, int] | None:
    try:
        outcome = map_document(document, SPRINGFIELD, received_at=RECEIVED)
    except MappingError:
        return None
    return len(outcome.events), len(outcome.refusals)


def dice_of(kind: str, chunk: int) -> random.Random:
    return random.Random(f"{kind}:{chunk}")
