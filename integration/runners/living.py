"""From the first breath of an engine to its last word: the heartbeat says how it ended, the log when it is held up."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from integration.audit.anchor import AnchorError
from integration.errors import DeadLetterError, FatalError, LogConflictError, UsageError
from integration.policy.pack import PolicyPackError
from integration.services.heartbeat import State, StopReason
from integration.store.pulse import Pulse

_log = structlog.get_logger()

_HELD_UP: Final = 3.0
"""Seconds without a beat. A batch takes less, a disk that answers too."""
_LISTEN_EVERY: Final = 0.5

_REASONS: tuple[tuple[type[Exception], StopReason], ...] = (
    (AnchorError, StopReason.ROLLED_BACK),
    (LogConflictError, StopReason.LOG_CONFLICT),
    (DeadLetterError, StopReason.DEAD_LETTER),
    (FatalError, StopReason.STORE),
    (PolicyPackError, StopReason.POLICY_PACK),
    (UsageError, StopReason.SETTINGS),
    (OSError, StopReason.FILE),
)


def reason_of(error: Exception) -> StopReason:
    """Return the kind of an error that ended a process."""
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), StopReason.UNEXPECTED)


@contextmanager
def living(pulse: Pulse) -> Iterator[None]:
    """Say at the end whether it was told to stop, or why it stopped by itself: a kind, never the error's text."""
    ended = threading.Event()
    # The one thread that works cannot tell anybody while a sync holds it.
    threading.Thread(target=_listen, args=(pulse, ended), name="heartbeat", daemon=True).start()
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        pulse.stop(State.STOPPED)
        raise
    except Exception as error:
        pulse.stop(State.FAILED, reason_of(error))
        raise
    else:
        pulse.stop(State.STOPPED)
    finally:
        ended.set()


def _listen(pulse: Pulse, ended: threading.Event) -> None:
    held_up = False
    while not ended.wait(_LISTEN_EVERY):
        still = pulse.still_for
        if still >= _HELD_UP and not held_up:
            _log.error("engine.held_up", doing=pulse.doing.value, seconds=round(still, 1))
        elif held_up and still < _HELD_UP:
            _log.warning("engine.goes_on")
        held_up = still >= _HELD_UP
