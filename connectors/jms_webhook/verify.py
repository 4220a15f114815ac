"""Whether a message comes from who has the secret, and when: Standard Webhooks 1.0.

The library makes the signature that the message should have. Comparing is done here: the window is that of the
settings, and a header that is no signature must be a refusal and not a crash.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from pathlib import Path
from typing import Final

from standardwebhooks import Webhook

from connectors.secret import read_secret
from integration.errors import UsageError

_PREFIX: Final = "whsec_"
_SHORTEST, _LONGEST = 24, 64
_LONGEST_ID: Final = 256
_MOST_SIGNATURES: Final = 16


class Untrusted(StrEnum):
    """Why a message is not believed."""

    MISSING_HEADER = "missing_header"
    BAD_HEADER = "bad_header"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    NO_SIGNATURE_FITS = "no_signature_fits"


class UntrustedError(Exception):
    """Nothing of the message may be used."""

    def __init__(self, why: Untrusted) -> None:
        """Args: ``why`` is all that is told."""
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that is believed."""

    message_id: str
    """The sender's; the same for each attempt."""
    sent_at: datetime


class Verifier:
    """Knows the secrets. Several are good at a time, so that one can be changed without losing a message."""

    def __init__(self, secrets: Sequence[str], window: timedelta) -> None:
        """Args: ``secrets`` as they stand in their files; ``window`` is how far off a message's time may be."""
        self._signers = [Webhook(secret) for secret in secrets]
        self._window = window

    def check(self, headers: Mapping[str, str], body: str, now: datetime) -> Delivery:
        """Return what a message says of itself.

        Args:
            headers: names in lower case.
            body: as it was sent, decoded.
            now: the time, UTC.

        Raises:
            UntrustedError: it is not believed.
        """
        named = [headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
        if not all(named):
            raise UntrustedError(Untrusted.MISSING_HEADER)
        message_id, seconds, signatures = named
        # A dot in the id would let parts of the signed text change places.
        if len(message_id) > _LONGEST_ID or "." in message_id or not (seconds.isascii() and seconds.isdigit()):
            raise UntrustedError(Untrusted.BAD_HEADER)
        try:
            sent_at = datetime.fromtimestamp(int(seconds), UTC)
        except (ValueError, OverflowError, OSError):
            raise UntrustedError(Untrusted.BAD_HEADER) from None
        given = [_signature(each) for each in signatures.split(" ")[:_MOST_SIGNATURES]]
        wanted = [_signature(signer.sign(message_id, sent_at, body)) for signer in self._signers]
        if not any(compare_digest(one, other) for one in given if one for other in wanted):
            raise UntrustedError(Untrusted.NO_SIGNATURE_FITS)
        # Said only to who has the secret.
        if sent_at < now - self._window:
            raise UntrustedError(Untrusted.TOO_OLD)
        if sent_at > now + self._window:
            raise UntrustedError(Untrusted.TOO_NEW)
        return Delivery(message_id, sent_at)


def read_secrets(files: Sequence[Path]) -> list[str]:
    """Read secrets.

    Raises:
        UsageError: a file is missing, readable by others, or holds no secret of 24 to 64 bytes.
    """
    return [_checked(read_secret(file), file) for file in files]


def _checked(secret: str, file: Path) -> str:
    try:
        size = len(b64decode(secret.removeprefix(_PREFIX), validate=True))
    except (NotBase64, ValueError):
        size = 0
    if not secret.startswith(_PREFIX) or not _SHORTEST <= size <= _LONGEST:
        raise UsageError(f"{file}: not {_PREFIX} and base64 of {_SHORTEST} to {_LONGEST} bytes")
    return secret


def _signature(text: str) -> bytes:
    version, comma, signature = text.partition(",")
    if version != "v1" or not comma:
        return b""
    try:
        return b64decode(signature, validate=True)
    except (NotBase64, ValueError):
        return b""
