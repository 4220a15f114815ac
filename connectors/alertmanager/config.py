"""Settings of an Alertmanager."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from connectors.common import ChannelSettings, Name, Url

Label = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]


class AlertmanagerSettings(ChannelSettings):
    """Where it is. Of a cluster each instance is told: that is how Alertmanager takes out duplicates."""

    name: Name = "alertmanager"
    urls: Annotated[list[Url], Field(min_length=1)]
    """Base addresses, without ``/api/v2/alerts``."""
    user: str = ""
    """With it, ``secret_file`` holds a password (Basic); without it, a token (Bearer)."""
    secret_file: Path | None = None
    open_for_hours: Annotated[float, Field(gt=0, le=8784)] = 168.0
    """How long Alertmanager takes an alert for open that it hears no more of. Its own default is five minutes."""
    labels: dict[Label, str] = Field(default_factory=dict, max_length=16)
    """Put on every alert, for its routing tree."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.user and self.secret_file is None:
            raise ValueError("user needs secret_file")
        taken = {"alertname", "alert", "severity", "site", "exercise"} & self.labels.keys()
        if taken:
            raise ValueError(f"labels: {', '.join(sorted(taken))} is set by the alert itself")
        return self
