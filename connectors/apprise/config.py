"""Settings of services reached through Apprise."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.common import Name


class AppriseSettings(BaseModel):
    """Which services. Their URLs hold secrets, so they are in a file of their own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Name = "apprise"
    urls_file: Path
    """One Apprise URL a line; empty lines and those that begin with ``#`` are passed over."""
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 10.0
    """For one service. Apprise waits in a thread: one that does not answer is left behind, not ended."""
