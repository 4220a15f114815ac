"""Settings of a mail relay."""

from email.headerregistry import Address
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class Tls(StrEnum):
    """How the way to the relay is encrypted."""

    OFFERED = "offered"
    """STARTTLS where the relay offers it, whoever it is: one that strips the offer could forge a name, too."""
    REQUIRED = "required"
    """STARTTLS with a certificate that we trust, or no mail."""
    IMPLICIT = "implicit"
    """TLS from the first byte (port 465), with a certificate that we trust."""


def _address(text: str) -> str:
    try:
        parsed = Address(addr_spec=text)
    except (ValueError, IndexError):
        parsed = Address()
    if not (parsed.username and parsed.domain and text.isascii()):
        raise ValueError("one mail address is needed, name@domain, in ASCII")
    return text


MailAddress = Annotated[str, AfterValidator(_address)]


class EmailSettings(BaseModel):
    """Through which relay, from whom, to whom."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")] = "email"
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(gt=0, lt=65536)] = 25
    tls: Tls = Tls.OFFERED
    ca_file: Path | None = None
    user: str = ""
    password_file: Path | None = None
    sender: MailAddress
    recipients: Annotated[list[MailAddress], Field(min_length=1)]
    timeout_seconds: Annotated[float, Field(gt=0, le=15)] = 5.0

    @model_validator(mode="after")
    def _passwords_stay_secret(self) -> "EmailSettings":
        if bool(self.user) != (self.password_file is not None):
            raise ValueError("user and password_file go together")
        if self.user and self.tls is Tls.OFFERED:
            raise ValueError('a password is sent only with tls = "required" or "implicit"')
        return self
