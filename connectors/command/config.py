"""Settings of a local command."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class CommandSettings(BaseModel):
    """What to run. No shell is involved; the notice's text is on its standard input."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")] = "command"
    argv: Annotated[list[str], Field(min_length=1)]
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 10.0
