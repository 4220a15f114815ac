"""Speaking with a log-in provider: where it is, sending people there, and who comes back.

OpenID Connect Core 1.0, section 3.1 (authorisation code), with PKCE (RFC 7636) always. The protocol's parts are
Authlib's and joserfc's; what goes over the wire goes through `connectors.http`.
"""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from connectors.http import Answer, HttpClient, HttpError, Method
from connectors.oidc.config import OidcSettings
from connectors.oidc.tokens import Fault, Identity, OidcError, identity_of
from connectors.secret import read_secret
from connectors.urls import is_private_or_encrypted
from integration.domain.instants import MINUTE, Duration, Instant
from integration.errors import UsageError

__all__ = ["Ask", "Fault", "Identity", "OidcError", "Provider"]

_KNOWN_FOR: Final = 10 * MINUTE
"""How long it counts where the provider's endpoints are."""
_OK: Final = 200
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the provider, which one answer belongs to."""

    at: Instant
    again: bool
    """Whether the person has to show anew who he is, however short ago he did."""
    state: str = field(default_factory=lambda: token_urlsafe(32))
    nonce: str = field(default_factory=lambda: token_urlsafe(32))
    verifier: str = field(default_factory=lambda: token_urlsafe(48))


@dataclass(frozen=True, slots=True)
class _Endpoints:
    authorize: str
    token: str
    keys: str
    end_session: str
    """Empty: it has none."""
    names_itself: bool
    """Whether its answers carry ``iss`` (RFC 9207)."""
    auth_methods: tuple[str, ...]


class Provider:
    """One provider. For one event loop at a time."""

    def __init__(self, settings: OidcSettings, *, home: str, back: str, longest: Duration) -> None:
        """Ask nothing yet.

        Args:
            settings: which provider.
            home: the console's address.
            back: where people come back to, as the provider has it on its list.
            longest: how long ago somebody may have shown there who he is.

        Raises:
            UsageError: the client's secret cannot be read, or can be read by others; the certificates cannot be used.
        """
        self.settings, self._home, self._back, self._longest = settings, home, back, longest
        self._secret = "" if settings.client_secret_file is None else read_secret(settings.client_secret_file)
        self._known: tuple[Instant, _Endpoints] | None = None
        if settings.ca_file is not None:
            try:
                ssl.create_default_context(cafile=str(settings.ca_file))
            except OSError as error:
                raise UsageError(f"{settings.ca_file} holds no certificates: {error.strerror}") from None

    async def way(self, ask: Ask) -> str:
        """Return the address that a browser is sent to.

        Raises:
            OidcError: the provider cannot be reached, or does not say what it has to.
        """
        found = await self._endpoints(ask.at)
        more = {"prompt": "login"} if ask.again else {}
        if self.settings.acr:
            more["acr_values"] = " ".join(self.settings.acr)
        address: str = prepare_grant_uri(
            found.authorize,
            self.settings.client_id,
            "code",
            self._back,
            " ".join(self.settings.scopes),
            ask.state,
            nonce=ask.nonce,
            code_challenge=create_s256_code_challenge(ask.verifier),
            code_challenge_method="S256",
            max_age=str(0 if ask.again else self._longest // 1_000_000),
            **more,
        )
        return address

    async def identify(self, ask: Ask, answer: Mapping[str, str], now: Instant) -> Identity:
        """Tell who came back.

        Args:
            ask: the question; it is for the caller to see that it was this browser's, and answered once.
            answer: what stands in the address.
            now: the current time.

        Raises:
            OidcError: it is not believed, and why.
        """
        found = await self._endpoints(now)
        told = answer.get("iss")
        if told != self.settings.issuer and (told is not None or found.names_itself):
            raise OidcError(Fault.WRONG_ISSUER)
        if "error" in answer:
            raise OidcError(Fault.PROVIDER_REFUSED)
        code = answer.get("code", "")
        if not code or len(code) > _LONGEST:
            raise OidcError(Fault.NO_CODE)
        async with self._client() as client:
            tokens = await self._exchange(client, found, code, ask.verifier)
            keys = await self._json(client, "GET", found.keys, fault=Fault.UNUSABLE)
        since = ask.at if ask.again else now - self._longest
        return identity_of(tokens, keys, self.settings, nonce=ask.nonce, since=since, now=now)

    async def way_out(self, now: Instant) -> str:
        """Return the address at which somebody logs out of the provider too; empty where it has none.

        Raises:
            OidcError: the provider cannot be reached, or does not say what it has to.
        """
        found = await self._endpoints(now)
        if not found.end_session:
            return ""
        # OpenID Connect RP-Initiated Logout 1.0, section 2. No token is kept that could be sent as a hint.
        told = [("client_id", self.settings.client_id), ("post_logout_redirect_uri", f"{self._home}/login")]
        address: str = add_params_to_uri(found.end_session, told)
        return address

    async def _endpoints(self, now: Instant) -> _Endpoints:
        if self._known is not None and 0 <= now - self._known[0] < _KNOWN_FOR:
            return self._known[1]
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        async with self._client() as client:
            told = await self._json(client, "GET", address, fault=Fault.UNUSABLE)
        # OpenID Connect Discovery 1.0, section 4.3.
        if told.get("issuer") != self.settings.issuer:
            raise OidcError(Fault.WRONG_ISSUER)
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        found = _Endpoints(
            authorize=_address(told, "authorization_endpoint"),
            token=_address(told, "token_endpoint"),
            keys=_address(told, "jwks_uri"),
            end_session=_address(told, "end_session_endpoint") if "end_session_endpoint" in told else "",
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            auth_methods=tuple(each for each in methods if isinstance(each, str)) if isinstance(methods, list) else (),
        )
        self._known = now, found
        return found

    async def _exchange(self, client: HttpClient, found: _Endpoints, code: str, verifier: str) -> dict[str, Any]:
        """Exchange the code for tokens; only who asked knows the verifier (RFC 7636, section 4.5)."""
        body = prepare_token_request("authorization_code", redirect_uri=self._back, code=code, code_verifier=verifier)
        how = "none"
        if self._secret:
            posted = "client_secret_basic" not in found.auth_methods and "client_secret_post" in found.auth_methods
            how = "client_secret_post" if posted else "client_secret_basic"
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        auth = ClientAuth(self.settings.client_id, self._secret, how)
        address, headers, body = auth.prepare("POST", found.token, headers, body)
        return await self._json(client, "POST", address, fault=Fault.CODE_REFUSED, body=body.encode(), headers=headers)

    async def _json(
        self,
        client: HttpClient,
        method: Method,
        url: str,
        *,
        fault: Fault,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        try:
            answer: Answer = await client.request(method, url, body=body, headers=headers)
        except HttpError as error:
            raise OidcError(Fault.UNREACHABLE) from error
        try:
            told = json.loads(answer.body) if answer.status == _OK else None
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise OidcError(fault)
        return told

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[HttpClient]:
        # A log-in is rare: a connection that waits for the next one would be closed by then.
        client = HttpClient(seconds=self.settings.timeout_seconds, ca_file=self.settings.ca_file, reuse=False)
        try:
            yield client
        finally:
            await client.close()


def _address(told: Mapping[str, Any], name: str) -> str:
    """Return an endpoint. It is encrypted, unless it is on this machine, as the issuer has to be."""
    value = told.get(name)
    try:
        good = isinstance(value, str) and is_private_or_encrypted(value)
    except ValueError:
        good = False
    if not good:
        raise OidcError(Fault.UNUSABLE)
    return str(value)
