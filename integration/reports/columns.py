"""Column sets: what each jurisdiction's report says, as data beside the packs."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import orjson
from pydantic import Field, StringConstraints, ValidationError

import integration.policy
from integration.errors import UsageError
from integration.policy.manifest import Checked, Line
from schemas.base import Strict

_FOLDER: Final = Path(next(iter(integration.policy.__path__))) / "columns"


class Measure(StrEnum):
    """What a section can count."""

    REQUESTS = "requests"
    DETAINED = "detained"
    TRANSFERRED = "transferred"
    REIMBURSEMENTS = "reimbursements"
    ASSISTANCE = "assistance"
    PAPERS = "papers"
    DETAINERS_BY_OUTCOME = "detainers_by_outcome"
    DETAINERS_BY_REASON = "detainers_by_reason"


class ColumnSection(Strict):
    """One section: a heading of the law, and what is counted under it."""

    measure: Measure
    heading: Line
    text: str = ""


class Columns(Strict):
    """One jurisdiction's report."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Line
    law: Line
    checked: Checked
    checked_note: Line
    certificate: Line
    """What is certified where every figure is zero."""
    sections: Annotated[list[ColumnSection], Field(min_length=1)]


def column_sets() -> tuple[str, ...]:
    """Return the ids of those that come with the product."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_columns(name: str) -> Columns:
    """Load a column set by id, or from a file.

    Raises:
        UsageError: there is none, or it has faults.
    """
    path = _FOLDER / f"{name}.toml" if name in column_sets() else Path(name)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(f"{name}: no column set of that name ({', '.join(column_sets())}), and no file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    try:
        return Columns.model_validate_json(orjson.dumps(table))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise UsageError(f"{path}: {'; '.join(faults)}") from None
