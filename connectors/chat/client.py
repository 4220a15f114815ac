"""Writing into a room of a chat service."""

import orjson

from connectors.chat.cards import slack_message, teams_message
from connectors.chat.config import ChatSettings, Service
from connectors.http import Answer
from connectors.notice import PATIENCE, Notice, PassingSendError, Patience, Why
from connectors.posting import JSON, Poster, client_for
from connectors.secret import read_secret
from connectors.urls import known_url
from integration.errors import UsageError

_TOO_FAST = b"429"
"""Teams' older webhooks answer with status 200 and put the service's own refusal into the body."""


class ChatChannel:
    """One room."""

    def __init__(self, settings: ChatSettings, patience: Patience = PATIENCE) -> None:
        """Read the URL.

        Raises:
            UsageError: URL or certificates cannot be used.
        """
        self.name = settings.name
        self._service = settings.service
        try:
            self._url = known_url(read_secret(settings.url_file))
        except ValueError as error:
            raise UsageError(f"{settings.url_file}: {error}") from None
        self._poster = Poster(client_for(settings.timeout_seconds, settings.ca_file), patience)

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`."""
        message = slack_message(notice) if self._service is Service.SLACK else teams_message(notice)
        await self._poster.post(self._url, orjson.dumps(message), JSON, look=_look)

    async def close(self) -> None:
        """Give the connections back."""
        await self._poster.close()


def _look(answer: Answer) -> None:
    if b"webhook message delivery failed" in answer.body.lower():
        raise PassingSendError(Why.BUSY, "429" if _TOO_FAST in answer.body else "delivery failed")
