"""What the settings of every connector share."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]


class SourceSettings(BaseModel):
    """One connector. Its name stands in positions, places and differences: it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=64)]


class Mapped(SourceSettings):
    """A connector whose records a mapping reads."""

    mapping: Path
