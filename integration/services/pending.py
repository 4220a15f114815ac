"""A record of the pending topic to a message in the mailroom, and a message of it to the record that is released."""

from hashlib import sha256

import orjson

from integration.services.asking import pack_of
from integration.services.examining import Examined, examine_request
from integration.services.letters import Channel, Letter
from integration.services.maildesk import MailDesk
from schemas.events import parse
from schemas.refusals import InvalidEventError, Reason
from schemas.requests import MessageRequested, MessageRequestedData


def read_pending(value: bytes | None, desk: MailDesk) -> tuple[Letter, tuple[Examined, ...]]:
    """Read a ``jail.message.requested`` event, and examine it for each of its recipients.

    Raises:
        InvalidEventError: it is no such event.
        UsageError: no facility is set up for its source.
    """
    event = parse(value or b"").event
    if not isinstance(event, MessageRequested):
        raise InvalidEventError(Reason.UNKNOWN_TYPE, "/type: only messages wait for a decision here")
    data = event.data
    now = desk.now()
    pack = pack_of(desk, event.source, now)
    examined = examine_request(data, pack.parameters, roster=desk.roster())
    ids = ids_of(data)
    letter = Letter(
        # One message id, one message: whoever hands it in again, and wherever the broker puts it.
        mail_id=f"kafka-{sha256(orjson.dumps([event.source, data.message_id])).hexdigest()[:32]}",
        channel=Channel.KAFKA,
        source=event.source,
        received_at=now,
        raw=orjson.dumps(data.model_dump(mode="json")),
        sender="",
        recipients=tuple(each.shown or "nobody" for each in examined.recipients),
        user=data.sender.user or "",
        options={"booking": event.subject},
        booking=event.subject,
        message_ids=tuple(desk.number(event.source, each) for each in ids),
    )
    return letter, tuple(examined.alone(number) for number in range(len(ids)))


def ids_of(data: MessageRequestedData) -> tuple[str, ...]:
    """Return what the message to each recipient is called by whoever asked."""
    count = len(data.recipients)
    return (data.message_id,) if count == 1 else tuple(f"{data.message_id}-{n + 1}" for n in range(count))


def released(letter: Letter, number: int) -> tuple[str, bytes]:
    """Return the id and what is written for one recipient: what was judged, and nothing that was not.

    Sender, other recipients, key and header fields of the record that came stay behind. So does whoever sends it on
    with ``message_id``, which was not judged: it is there to know a message again.
    """
    data = MessageRequestedData.model_validate_json(letter.raw)
    said = data.model_dump(mode="json", exclude_none=True)
    message_id = ids_of(data)[number]
    return message_id, orjson.dumps(
        {
            "message_id": message_id,
            "channel": said["channel"],
            "recipient": said["recipients"][number],
            "content": said["content"],
            **({"text": said["text"]} if "text" in said else {}),
        },
        option=orjson.OPT_SORT_KEYS,
    )
