"""Settings of a log server."""

from enum import IntEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connectors.common import ChannelSettings, Name


class Facility(IntEnum):
    """Which kind of program speaks (RFC 5424, table 1): those that a program may choose for itself."""

    USER = 1
    DAEMON = 3
    AUTH = 4
    AUTHPRIV = 10
    AUDIT = 13
    ALERT = 14
    LOCAL0 = 16
    LOCAL1 = 17
    LOCAL2 = 18
    LOCAL3 = 19
    LOCAL4 = 20
    LOCAL5 = 21
    LOCAL6 = 22
    LOCAL7 = 23


FacilityName = Literal[
    "user", "daemon", "auth", "authpriv", "audit", "alert",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
]  # fmt: skip


class SyslogSettings(ChannelSettings):
    """Where it listens and as whom we speak. Always TLS."""

    name: Name = "syslog"
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(gt=0, lt=65536)] = 6514
    cert_file: Path | None = None
    """Our own certificate, where the server asks for one (RFC 5425, section 4.2.1)."""
    key_file: Path | None = None
    facility: FacilityName = "local0"
    hostname: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,255}$")] | None = None
    """This machine's short name unless given."""
    enterprise_number: Annotated[int, Field(gt=0)] = 32473
    """The site's private enterprise number, for the structured data; 32473 is the one of examples (RFC 5612)."""
    most_bytes: Annotated[int, Field(ge=2048, le=65536)] = 8192
    """Of one message. Every receiver takes 2048, and ought to take 8192 (RFC 5425, section 4.3.1)."""
    listen_seconds: Annotated[float, Field(ge=0, le=5)] = 0.25
    """How long we listen, after writing, for a server that hangs up."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        return self
