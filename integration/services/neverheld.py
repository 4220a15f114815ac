"""Letting mail through that is never held up (section 6): asked before the pack, so that no policy can stop it."""

from typing import Final

from integration.domain.recipients.reach import By
from integration.policy.decisions import Decision, Reason
from integration.services.examining import Examined
from schemas.kinds import RecipientClass

_PASSES: Final = Decision(permit=True, reasons=(Reason.NEVER_HELD,), provisions=(), policies=())


def never_held(examined: Examined) -> Decision | None:
    """Return the decision on a message to a recipient that is never held up; None where it is decided like any other.

    Args:
        examined: the message as it is for one recipient (`Examined.alone`), by the directories of the pack that would
            decide it: they settled who is on the list.
    """
    everybody = all(each.reach.by is By.NEVER_HELD for each in examined.recipients)
    if not everybody or examined.refused is not None or examined.recipient_class is not RecipientClass.OTHER:
        return None
    return _PASSES
