"""What the settings of several channels have in common."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.urls import known_url

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]
Url = Annotated[str, AfterValidator(known_url)]
Seconds = Annotated[float, Field(gt=0, le=15)]


class ChannelSettings(BaseModel):
    """One channel's table. A fault never repeats what stands there: it may be a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    ca_file: Path | None = None
    """Certificates to trust in place of the system's."""
    timeout_seconds: Seconds = 5.0
    """For connecting, and for each wait for data."""
