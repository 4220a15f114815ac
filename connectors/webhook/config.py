"""Settings of a webhook."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.urls import known_url


class WebhookSettings(BaseModel):
    """Where a webhook goes. The secret is in a file of its own, readable by the service alone."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")] = "webhook"
    url: Annotated[str, AfterValidator(known_url)]
    secret_file: Path
    """Holds ``whsec_`` and base64 of 24 to 64 random bytes, as the receiver has it."""
    ca_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=15)] = 5.0
