"""Settings of a database that is polled."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from connectors.mapping.config import Mapped, Positive


class SqlSource(Mapped):
    """A table or a view, read by what has changed, or whole."""

    kind: Literal["sql"]
    url_file: Path
    """Holds the database's URL (SQLAlchemy's form) with the password; readable by the service alone."""
    query: Annotated[str, Field(min_length=1)]
    """A SELECT without ORDER BY and without semicolon. It should name its columns."""
    mode: Literal["changes", "snapshot"] = "changes"
    position: str | None = None
    """Of ``changes``: the column of the result that grows with each change: a row version or a time of change."""
    key: Annotated[list[str], Field(default_factory=list)]
    """Of ``changes``: the columns that tell two rows with one position apart."""
    overlap_seconds: Annotated[float, Field(ge=0)] = 300.0
    """Of a position that is a time: rows up to so much older are read again, because commits come late."""
    overlap_rows: Annotated[int, Field(ge=0)] = 1000
    """Of a position that is a number: so many numbers below the last are read again."""
    every_seconds: Positive = 10.0
    batch_rows: Annotated[int, Field(ge=1, le=50_000)] = 1000
    timeout_seconds: Positive = 60.0

    @model_validator(mode="after")
    def _fits(self) -> "SqlSource":
        if (self.mode == "changes") != (self.position is not None):
            raise ValueError('mode = "changes" needs position, and "snapshot" takes none')
        if self.mode == "changes" and not self.key:
            raise ValueError('mode = "changes" needs key')
        if ";" in self.query:
            raise ValueError("query is one SELECT, without semicolon")
        return self
