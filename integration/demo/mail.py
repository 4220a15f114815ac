"""A mail that should not leave: judged and kept back by the gate's own code, for the approver to find in quarantine."""

from typing import Final

from integration.errors import FatalError
from integration.runners.gateway.parts import GateParts
from integration.services.letters import Channel, Letter, State, new_mail_id

_SENDER: Final = "records.desk@invented-city.example"
_AGENT: Final = "duty.officer@ice.dhs.gov"
_MAIL: Final = (
    "From: Records desk <{sender}>\r\n"
    "To: Duty officer <{agent}>\r\n"
    "Subject: Booking {booking}\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "Booking {booking} will be released within the hour, at the sally port on the east side.\r\n"
)


def keep_back(gate: GateParts, booking: str) -> str:
    """Hand the gate a mail that tells immigration agents when somebody is released.

    Args:
        gate: of the demo's installation; nothing sends what it holds.
        booking: whom the mail is about.

    Returns:
        The message's id in quarantine.

    Raises:
        FatalError: the gate would have let it go.
    """
    raw = _MAIL.format(sender=_SENDER, agent=_AGENT, booking=booking).encode()
    letter = Letter(
        new_mail_id(), Channel.SMTP, gate.source, gate.now(), raw, _SENDER, (_AGENT,), "records.desk", booking=booking
    )
    filed = gate.mailroom.file(letter, gate.mailroom.examine(letter)).result().deliveries[0]
    if filed.state is not State.BLOCKED:
        raise FatalError("the demo's mail was not kept back")
    return filed.message_id
