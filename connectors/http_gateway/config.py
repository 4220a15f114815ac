"""The table ``[gate.http]`` of the settings."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.urls import known_url

_LOOPBACK: Final = ("127.0.0.1", "::1")
_OURS: Final = frozenset(
    """
    accept connection content-encoding content-length content-type expect forwarded host keep-alive proxy-authenticate
    proxy-authorization proxy-connection te trailer transfer-encoding upgrade via x-forwarded-for x-forwarded-host
    x-forwarded-proto authorization cookie
    """.split()
)

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=64)]
HeaderName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _base(url: str) -> str:
    if any(sign in url for sign in "?#@"):
        raise ValueError("has a query, a fragment or a user")
    return known_url(url).rstrip("/")


class Upstream(_Table):
    """Somebody whom systems of the jail send HTTP requests to, through ``/forward/NAME/…``."""

    name: Name
    url: Annotated[str, AfterValidator(_base)]
    """Scheme, host and the path that stands before whatever is asked for."""
    agency: str = ""
    """Who runs it. An immigration authority is known by this name too."""
    source: str = ""
    """The facility whose policy decides; empty: as `HttpGateway.source`."""
    methods: Annotated[list[Method], Field(min_length=1)] = ["GET", "POST"]
    paths: list[Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/-]*$")]] = []
    """Endpoints, exactly: of these the path says nothing, so that it is not judged."""
    headers: list[HeaderName] = []
    """Fields of the request that leave, besides those of the body; judged like its content."""
    authorization_file: Path | None = None
    """A file with what the field ``Authorization`` is to be. What the asking system says there never leaves."""
    ca_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0)] = 30.0

    @model_validator(mode="after")
    def _headers_may_leave(self) -> Self:
        for name in self.headers:
            if name in _OURS or name.startswith("holdwatch-"):
                raise ValueError(f"headers: {name} is not for others to set")
        return self


class Client(_Table):
    """A system that may ask, by a token of its own."""

    name: Name
    token_file: Path


class HttpGateway(_Table):
    """The listener, who may ask, and whom requests are forwarded to."""

    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8425
    """0: a free one, told in the log."""
    cert_file: Path | None = None
    key_file: Path | None = None
    source: str = ""
    """The facility whose policy decides; empty: the first one."""
    clients: list[Client] = []
    """Empty: whoever reaches the address, which then has to be this machine's own."""
    upstreams: list[Upstream] = []
    envoy_shows_all: bool = False
    """Envoy's filter has ``with_request_body`` without partial bodies, and passes every field as it came
    (``encode_raw_headers``): what comes to ``/check/envoy`` is the whole request. False: a part may be unseen."""
    largest_megabytes: Annotated[int, Field(gt=0, le=64)] = 10
    """Of a request's body."""
    body_seconds: Annotated[float, Field(gt=0)] = 30.0
    """How long a request's body may take to arrive."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        if self.address not in _LOOPBACK and (self.cert_file is None or not self.clients):
            raise ValueError("an address that others reach needs cert_file and clients")
        for what, names in (
            ("clients", [client.name for client in self.clients]),
            ("upstreams", [upstream.name for upstream in self.upstreams]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"two {what} have the same name")
        return self
