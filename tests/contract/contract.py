"""Where the contract's files lie, and how to ask the exported schemas about a value with code that is not ours."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "schemas" / "examples"
EXPORTED = ROOT / "schemas" / "json"
DOCS = ROOT / "docs" / "events.md"

VALID = sorted(EXAMPLES.glob("*.json"))
INVALID = sorted((EXAMPLES / "invalid").glob("*.json"))
OUTPUTS = sorted((EXAMPLES / "outputs").glob("*.json"))


def base_name(path: Path) -> str:
    """The document that an example is one of: what stands before ``--`` in its name."""
    return path.stem.partition("--")[0]


@cache
def validator(name: str) -> Draft202012Validator:
    """The exported schema of a document."""
    return Draft202012Validator(json.loads((EXPORTED / f"{name}.schema.json").read_bytes()))


def fits(name: str, value: object) -> bool:
    """Whether a value is one of the exported schema."""
    return validator(name).is_valid(value)


def event(type_: str = "jail.bail.refused.v1", data: object = None, **more: object) -> dict[str, object]:
    """A small valid event, or what a test makes of it."""
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/jms/lansing-pd",
        "subject": "LPD-2026-00417",
        "time": "2026-03-02T13:20:00-05:00",
        "type": type_,
        "data": {} if data is None else data,
        **more,
    }


def raw(value: object) -> bytes:
    """A value as JSON bytes."""
    return json.dumps(value, ensure_ascii=False).encode()
