"""Settings of the mail gateway: who may hand mail in, and where it goes next."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.email.config import Tls

Network = IPv4Network | IPv6Network
Seconds = Annotated[float, Field(gt=0, le=3600)]
MEGABYTE = 1024 * 1024


class Listen(BaseModel):
    """Where mail comes in."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, lt=65536)] = 10025
    """0: a free one, told in the log."""
    hostname: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$")] = "holdwatch.invalid"
    """As it greets."""
    networks: list[Network] = [IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")]
    """Who may speak to it at all."""
    cert_file: Path | None = None
    key_file: Path | None = None
    """With both, STARTTLS is offered."""
    tls_required: bool = False
    users_file: Path | None = None
    """Logins; AUTH is offered, over TLS only (`passwords`)."""
    auth_required: bool = False
    max_megabytes: Annotated[float, Field(gt=0, le=1024)] = 35.0
    max_recipients: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Of one message. RFC 5321, section 4.5.3.1.8, asks for at least 100."""
    max_connections: Annotated[int, Field(ge=1, le=10_000)] = 100
    timeout_seconds: Seconds = 300.0
    """RFC 5321, section 4.5.3.2.7."""

    @property
    def max_bytes(self) -> int:
        """How large one message may be."""
        return int(self.max_megabytes * MEGABYTE)

    @model_validator(mode="after")
    def _secrets_need_encryption(self) -> "Listen":
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        if self.cert_file is None and (self.tls_required or self.users_file is not None):
            raise ValueError("tls_required and users_file need a cert_file: a password is taken over TLS only")
        if self.auth_required and self.users_file is None:
            raise ValueError("auth_required needs a users_file")
        return self


class Upstream(BaseModel):
    """The mail server that gets what may leave."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(gt=0, lt=65536)] = 25
    tls: Tls = Tls.OFFERED
    ca_file: Path | None = None
    user: str = ""
    password_file: Path | None = None
    timeout_seconds: Seconds = 30.0
    """For each step before the message's end."""
    answer_seconds: Seconds = 600.0
    """For the answer to the message's end. Too short, and a slow server's *yes* is not heard (RFC 5321, 4.5.3.2.6)."""
    connections: Annotated[int, Field(ge=1, le=64)] = 4

    @model_validator(mode="after")
    def _passwords_stay_secret(self) -> "Upstream":
        if bool(self.user) != (self.password_file is not None):
            raise ValueError("user and password_file go together")
        if self.user and self.tls is Tls.OFFERED:
            raise ValueError('a password is sent only with tls = "required" or "implicit"')
        return self
