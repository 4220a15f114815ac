"""What an ID token has to be before anything in it is believed (OpenID Connect Core 1.0, section 3.1.3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError, MissingAlgorithmError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet

from connectors.oidc.config import OidcSettings
from integration.domain.instants import SECOND, Instant
from integration.errors import HoldwatchError

_LEEWAY: Final = 30
"""Seconds by which clocks may differ."""
_LONGEST: Final = 255
"""Characters of a subject (OpenID Connect Core 1.0, section 2), and of any value that is looked at."""
_MOST: Final = 1000
"""Values of the roles' claim."""


class Fault(StrEnum):
    """Why somebody who comes from the provider is not believed."""

    UNREACHABLE = "provider_unreachable"
    UNUSABLE = "provider_unusable"
    """It does not say where its endpoints or what its keys are."""
    WRONG_ISSUER = "wrong_issuer"
    PROVIDER_REFUSED = "provider_refused"
    """The provider itself did not let the person in, or the person turned back."""
    NO_CODE = "no_code"
    CODE_REFUSED = "code_refused"
    NO_TOKEN = "no_token"  # noqa: S105  a reason
    WRONG_ALGORITHM = "wrong_algorithm"
    WRONG_SIGNATURE = "wrong_signature"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_NONCE = "wrong_nonce"
    EXPIRED = "token_expired"
    UNUSABLE_CLAIMS = "unusable_claims"
    LONG_AGO = "proven_long_ago"
    """The person showed who he is too long ago, or the provider does not say when."""
    NO_SECOND_FACTOR = "no_second_factor"


_FAULTS: Final = {
    "iss": Fault.WRONG_ISSUER,
    "aud": Fault.WRONG_AUDIENCE,
    "azp": Fault.WRONG_AUDIENCE,
    "nonce": Fault.WRONG_NONCE,
    "exp": Fault.EXPIRED,
}


class OidcError(HoldwatchError):
    """Somebody is not believed. The text names the reason alone: what the provider says is about people."""

    def __init__(self, fault: Fault) -> None:
        """Args: ``fault`` is all that is told."""
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Identity:
    """Who it is, as the provider says."""

    issuer: str
    subject: str
    """Never given to anybody else there."""
    account: str
    """As the claim has it: nothing says yet that it is a name that may be used here."""
    roles: tuple[str, ...]
    """Values of the roles' claim."""
    proven_at: Instant
    """When the person showed there who he is."""


def identity_of(
    tokens: Mapping[str, Any],
    keys: Mapping[str, Any],
    settings: OidcSettings,
    *,
    nonce: str,
    since: Instant,
    now: Instant,
) -> Identity:
    """Check the tokens of one log-in, and tell who it is.

    Args:
        tokens: what the token endpoint answered.
        keys: the provider's key set, as it is now.
        settings: which provider.
        nonce: what the question carried.
        since: the person has to have shown after it who he is.
        now: the current time.

    Raises:
        OidcError: it is not believed, and why.
    """
    text = tokens.get("id_token")
    if not isinstance(text, str):
        raise OidcError(Fault.NO_TOKEN)
    token = _opened(text, keys, settings)
    claims = token.claims
    _check(token, tokens, settings, nonce, now)
    proven = claims.get("auth_time")
    if type(proven) is not int or not since // SECOND - _LEEWAY <= proven <= now // SECOND + _LEEWAY:
        raise OidcError(Fault.LONG_AGO)
    _check_factor(claims, settings)
    subject, account = claims.get("sub"), claims.get(settings.account_claim)
    if not _is_word(subject) or not _is_word(account):
        raise OidcError(Fault.UNUSABLE_CLAIMS)
    roles = _roles(claims, settings.roles_claim)
    return Identity(settings.issuer, str(subject), str(account), roles, min(proven * SECOND, now))


def _opened(text: str, keys: Mapping[str, Any], settings: OidcSettings) -> jwt.Token:
    """Check the signature. Only the provider's own key set counts, never a key that the token brings along."""
    told = keys.get("keys")
    if not isinstance(told, list):
        raise OidcError(Fault.UNUSABLE)
    # A shared secret in a public list would let everybody sign.
    public = [each for each in told if isinstance(each, dict) and each.get("kty") in {"RSA", "EC"}]
    try:
        return jwt.decode(text, KeySet.import_key_set({"keys": public}), algorithms=settings.algorithms)
    except (UnsupportedAlgorithmError, MissingAlgorithmError):
        raise OidcError(Fault.WRONG_ALGORITHM) from None
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise OidcError(Fault.WRONG_SIGNATURE) from None


def _check(token: jwt.Token, tokens: Mapping[str, Any], settings: OidcSettings, nonce: str, now: Instant) -> None:
    audience = token.claims.get("aud")
    # Stricter than the standard: a token for others too is one that others may bring.
    if audience not in (settings.client_id, [settings.client_id]):
        raise OidcError(Fault.WRONG_AUDIENCE)
    wanted = {"iss": {"essential": True, "value": settings.issuer}}
    asked = {"nonce": nonce, "client_id": settings.client_id, "access_token": tokens.get("access_token")}
    try:
        CodeIDToken(token.claims, token.header, wanted, asked).validate(now=now // SECOND, leeway=_LEEWAY)
    except ExpiredTokenError:
        raise OidcError(Fault.EXPIRED) from None
    except ClaimError as error:
        raise OidcError(_FAULTS.get(str(error.claim), Fault.UNUSABLE_CLAIMS)) from None
    except (JoseError, ValueError, TypeError):
        raise OidcError(Fault.UNUSABLE_CLAIMS) from None


def _check_factor(claims: Mapping[str, Any], settings: OidcSettings) -> None:
    if settings.acr and claims.get("acr") not in settings.acr:
        raise OidcError(Fault.NO_SECOND_FACTOR)
    told = claims.get("amr")
    if settings.amr and not (isinstance(told, list) and any(each in settings.amr for each in told)):
        raise OidcError(Fault.NO_SECOND_FACTOR)


def _roles(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the values of the roles' claim; none, where the token has no such claim."""
    found: Any = claims.get(name)
    if found is None and "." in name:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = [found] if isinstance(found, str) else found
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > _MOST or not all(map(_is_word, values)):
        raise OidcError(Fault.UNUSABLE_CLAIMS)
    return tuple(values)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and "\0" not in value
