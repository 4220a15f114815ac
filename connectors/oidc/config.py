"""Settings of a log-in provider."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.urls import known_url

Word = Annotated[str, Field(min_length=1, max_length=256)]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures with a key that the provider alone has; ``none`` and those with a shared secret are not among them."""


class RoleClaim(BaseModel):
    """What a value of the roles' claim gives."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Word
    grants: Annotated[list[Annotated[str, Field(pattern=r"^[a-z]+@\S+$")]], Field(min_length=1)]
    """As ``role@source``, or ``role@*`` for every facility."""


class OidcSettings(BaseModel):
    """Which provider is believed, in what, and what it gives."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    issuer: Annotated[str, AfterValidator(known_url)]
    """Exactly as the provider's tokens say it."""
    client_id: Word
    client_secret_file: Path | None = None
    """Without one the console is a public client, which PKCE alone protects."""
    ca_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 5.0
    title: Annotated[str, Field(min_length=1, max_length=60)] = "the log-in provider"
    """In words, as people know it: stands on the button."""
    scopes: list[Word] = ["openid", "profile"]
    algorithms: Annotated[list[Algorithm], Field(min_length=1)] = ["RS256", "PS256", "ES256"]
    account_claim: Word = "preferred_username"
    """Names the account, in small letters: what entries of the log call the person."""
    account_suffix: str = ""
    """Has to stand at its end, and is left out: ``@county.example``."""
    roles_claim: Word = "groups"
    """By its name; with dots, the way to it: ``realm_access.roles``."""
    roles: Annotated[list[RoleClaim], Field(min_length=1)]
    other_roles: Literal["refuse", "ignore"] = "refuse"
    """What to do with somebody who has, besides, a value that stands not here."""
    second_factor: Literal["claims", "provider"] = "claims"
    """``provider``: it always asks for a second factor, and its tokens do not say so."""
    acr: list[Word] = []
    """Asked for; one of them has to be the token's (OpenID Connect Core 1.0, section 2)."""
    amr: list[Word] = []
    """One of them has to be among the token's (RFC 8176): ``mfa``, ``otp``, ``hwk``."""
    local_passwords: bool = False
    """Whether people may log in with a password of the console's own beside it."""

    @model_validator(mode="after")
    def _has_second_factor(self) -> "OidcSettings":
        if self.second_factor == "claims" and not (self.acr or self.amr):
            raise ValueError("acr or amr is needed: which of the token's values says that a second factor was used")
        if "openid" not in self.scopes:
            raise ValueError("scopes lack openid")
        values = [each.value for each in self.roles]
        if len(set(values)) != len(values):
            raise ValueError("two roles have the same value")
        return self
