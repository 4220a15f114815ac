"""Links that acknowledge: signed, for one notice, with an end. That each serves once, the store sees to."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from integration.domain.instants import SECOND, Duration, Instant
from integration.errors import UsageError
from integration.services.alertports import NoticeRow

KEY_BYTES: Final = 32
_MAC_LETTERS: Final = 43
_LONGEST: Final = 200


def new_key() -> bytes:
    """Draw a key."""
    return token_bytes(KEY_BYTES)


class AckLinks:
    """Makes and reads them. Whoever has the link may acknowledge: it is sent to one receiver and written nowhere."""

    def __init__(self, key: bytes, url: str, valid: Duration) -> None:
        """Args: ``url`` of the page, without a slash at its end; ``valid`` is how long a link is good for."""
        self._key = key
        self._url = url.rstrip("/")
        self._valid = valid

    def link(self, notice: NoticeRow) -> tuple[str, Instant]:
        """Return a notice's link, and until when it is good."""
        until = notice.due_at + self._valid
        return f"{self._url}/a/{self.token(notice.notice_id, until)}", until

    def token(self, notice_id: str, until: Instant) -> str:
        """Return what stands in the link: notice, end and signature."""
        seconds = until // SECOND
        return f"{notice_id}.{seconds}.{self._mac(notice_id, seconds)}"

    def read(self, token: str, now: Instant) -> str:
        """Return the id of the notice that a token is for.

        Raises:
            UsageError: it is none of ours, or its time is over.
        """
        notice_id, _, rest = token.partition(".")
        text, _, mac = rest.partition(".")
        if len(token) > _LONGEST or not token.isascii() or not text.isdecimal() or len(mac) != _MAC_LETTERS:
            raise UsageError("this is no link of ours")
        seconds = int(text)
        if not hmac.compare_digest(mac, self._mac(notice_id, seconds)):
            raise UsageError("this is no link of ours")
        if now >= seconds * SECOND:
            raise UsageError("this link is too old")
        return notice_id

    def _mac(self, notice_id: str, seconds: int) -> str:
        said = f"holdwatch acknowledge\x00{notice_id}\x00{seconds}"
        return urlsafe_b64encode(hmac.new(self._key, said.encode(), sha256).digest()).decode().rstrip("=")
