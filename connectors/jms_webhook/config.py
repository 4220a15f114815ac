"""Settings of an endpoint that the jail's system sends messages to."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectors.mapping.config import Positive, SourceSettings
from connectors.urls import known_url


class WebhookSource(SourceSettings):
    """An HTTPS endpoint. Without a certificate it listens on this machine only, for a proxy that encrypts."""

    kind: Literal["webhook"]
    form: Literal["events", "records", "jtmp"] = "events"
    """Events of the contract; records that a mapping reads; or the envelopes of New Orleans."""
    sources: Annotated[list[str], Field(default_factory=list)]
    """Of ``events``: the feeds that the sender may speak for; needed where there is more than one facility."""
    mapping: Path | None = None
    """Of records: a mapping file. Of ``jtmp``: one of the NIEM connector."""
    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8430
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9/_-]*$")] = "/events"
    cert_file: Path | None = None
    key_file: Path | None = None
    secret_files: Annotated[list[Path], Field(min_length=1, max_length=4)]
    """Each holds a secret, ``whsec_`` and base64; several while a secret is changed."""
    replay_seconds: Annotated[int, Field(ge=10, le=3600)] = 300
    """How old a message's time may be, or how far ahead."""
    max_bytes: Annotated[int, Field(ge=1024, le=64 * 2**20)] = 2**20
    max_events: Annotated[int, Field(ge=1, le=10_000)] = 1000
    """In one message."""
    wait_seconds: Positive = 10.0
    """How long a message waits for the store before it is answered with 503."""
    remember_days: Annotated[int, Field(ge=1, le=90)] = 14
    """How long a message id is known again."""
    reply_url: Annotated[str, AfterValidator(known_url)] | None = None
    """Of ``jtmp``: where its asynchronous acknowledgements go."""
    reply_ca_file: Path | None = None
    reply_every_seconds: Positive = 5.0

    @model_validator(mode="after")
    def _fits(self) -> "WebhookSource":
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together")
        if self.cert_file is None and self.address not in ("127.0.0.1", "::1"):
            raise ValueError("address is not this machine's own, and there is no cert_file")
        if (self.form == "events") != (self.mapping is None):
            raise ValueError("records and jtmp need a mapping, and events take none")
        if self.sources and self.form != "events":
            raise ValueError("sources is for events: a mapping names its own")
        if self.reply_url is not None and self.form != "jtmp":
            raise ValueError("reply_url is for jtmp")
        return self
