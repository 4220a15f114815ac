"""A channel to people, and how it says that it could not."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

import stamina

from integration.errors import HoldwatchError
from integration.services.notice import Act, Notice

__all__ = [
    "PATIENCE",
    "Act",
    "Channel",
    "Notice",
    "PassingSendError",
    "Patience",
    "PermanentSendError",
    "SendError",
    "Why",
]


class Why(StrEnum):
    """Why a notice was not taken."""

    UNREACHABLE = "unreachable"
    """No connection, or none that answered in time."""
    UNTRUSTED = "untrusted"
    """The other side's certificate is not one that we trust."""
    BUSY = "busy"
    """It says that it cannot at the moment."""
    REFUSED = "refused"
    """It will not take it: wrong address, wrong secret, no such receiver."""
    INSECURE = "insecure"
    """It offers no encryption, and this channel needs it."""
    FAILED = "failed"
    """A local command could not be started, or ended with an error."""


class SendError(HoldwatchError):
    """A notice was not taken. The text names channel and reason, never an address or a secret."""

    def __init__(self, why: Why, said: str = "") -> None:
        """Args: ``said`` is what the other side answered: a number, no more."""
        super().__init__(f"{why.value}{f' ({said})' if said else ''}")
        self.why = why


class PassingSendError(SendError):
    """The same notice may be taken later. It may have been taken already: then its id tells."""

    def __init__(self, why: Why, said: str = "", *, wait: float | None = None) -> None:
        """Args: ``wait`` is how many seconds the other side asks us to wait."""
        super().__init__(why, said)
        self.wait = wait


class PermanentSendError(SendError):
    """The same notice would be refused again: somebody has to mend the settings or the receiver."""


class Channel(Protocol):
    """A way to reach somebody."""

    @property
    def name(self) -> str:
        """As the settings have it."""
        ...

    async def send(self, notice: Notice) -> None:
        """Hand a notice over; on return somebody else has it.

        Raises:
            PassingSendError: after a bounded number of attempts.
            PermanentSendError: at once.
        """
        ...

    async def close(self) -> None:
        """Give back what is kept open."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a channel tries before it says that it could not."""

    attempts: int = 3
    seconds: float = 20.0
    """For all attempts together."""
    first_wait: float = 0.5
    longest_wait: float = 5.0

    def tries(self) -> Any:
        """Return stamina's attempts: passing failures are tried again, permanent ones are not."""
        return stamina.retry_context(
            on=self._again,
            attempts=self.attempts,
            timeout=self.seconds,
            wait_initial=self.first_wait,
            wait_max=self.longest_wait,
            wait_jitter=self.first_wait,
        )

    def _again(self, error: Exception) -> bool | float:
        if not isinstance(error, PassingSendError):
            return False
        # What a receiver asks for counts as far as our own bound goes: an alert must not wait for an hour.
        return True if error.wait is None else min(error.wait, self.longest_wait)


PATIENCE: Final = Patience()
