"""A request in a file: an event of its type, or its data alone."""

from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from integration.errors import UsageError

_Data = TypeVar("_Data", bound=BaseModel)


def request_in(file: Path, model: type[_Data], raw: bytes | None = None) -> _Data:
    """Read a request.

    Args:
        file: where it stands.
        model: what it is to be.
        raw: its bytes, where they have been read.

    Raises:
        UsageError: there is no such file, or no such request in it.
    """
    try:
        parsed = orjson.loads(file.read_bytes() if raw is None else raw)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    except orjson.JSONDecodeError:
        raise UsageError(f"{file} is not JSON") from None
    data = parsed.get("data", parsed) if isinstance(parsed, dict) else parsed
    try:
        return model.model_validate_json(orjson.dumps(data))
    except ValidationError as error:
        faults = "; ".join(f"{'/'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors())
        raise UsageError(f"{file} is no such request: {faults}") from None
