"""The errors, sorted by what happens next.

::

    HoldwatchError
    ├── TransientError       try again: nothing was changed
    │   ├── LogGrewError         another process of this installation wrote to the log in between
    │   ├── StaleReadError       another process changed what this batch had read
    │   └── FencedError          another worker owns the partition now
    ├── FatalError           stop: going on could lose or double something
    │   ├── LogConflictError     somebody else extended the audit log, or the database is not the one we left
    │   └── DeadLetterError      a refused input could not be kept
    └── UsageError           the operator asked for something that cannot be done (exit status 2)

    schemas.refusals.InvalidEventError   keep this input as a dead letter, go on with the next
    integration.policy.PolicyPackError   the pack does not load (exit status 3)
"""

from schemas.refusals import InvalidEventError

__all__ = [
    "DeadLetterError",
    "FatalError",
    "FencedError",
    "HoldwatchError",
    "InvalidEventError",
    "LogConflictError",
    "LogGrewError",
    "StaleReadError",
    "TransientError",
    "UsageError",
]


class HoldwatchError(Exception):
    """Anything this program raises on purpose, but for refused inputs and packs."""


class TransientError(HoldwatchError):
    """Nothing was changed; the same call may succeed later."""


class LogGrewError(TransientError):
    """Another process of this installation extended the log first; its new end is known now."""


class StaleReadError(TransientError):
    """Another process changed what this batch had read, or took in one of its events; run the batch again."""


class FencedError(TransientError):
    """Another worker owns the partition, or has moved its position. The same call never succeeds: claim it again."""


class FatalError(HoldwatchError):
    """Stop: no record, no action. Somebody has to look before it goes on."""


class LogConflictError(FatalError):
    """The audit log is not where this process left it. It is never extended from a guess."""


class DeadLetterError(FatalError):
    """A refused input could not be kept. Consuming stops, so that the source still has it."""


class UsageError(HoldwatchError):
    """The operator asked for something that cannot be done; the message says what would."""
