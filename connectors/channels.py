"""Every way to reach somebody: the settings of a receiver, and the channel they open."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field

from connectors.alertmanager.client import AlertmanagerChannel
from connectors.alertmanager.config import AlertmanagerSettings
from connectors.apprise.client import AppriseChannel
from connectors.apprise.config import AppriseSettings
from connectors.chat.client import ChatChannel
from connectors.chat.config import ChatSettings
from connectors.command.client import CommandChannel
from connectors.command.config import CommandSettings
from connectors.email.client import EmailChannel
from connectors.email.config import EmailSettings
from connectors.notice import Channel
from connectors.pagerduty.client import PagerDutyChannel
from connectors.pagerduty.config import PagerDutySettings
from connectors.sms.client import SmsChannel
from connectors.sms.config import SmsSettings
from connectors.syslog.client import SyslogChannel
from connectors.syslog.config import SyslogSettings
from connectors.webhook.client import WebhookChannel
from connectors.webhook.config import WebhookSettings


class EmailReceiver(EmailSettings):
    """People by e-mail."""

    channel: Literal["email"]


class WebhookReceiver(WebhookSettings):
    """A program, by a signed webhook."""

    channel: Literal["webhook"]


class CommandReceiver(CommandSettings):
    """A command on this machine."""

    channel: Literal["command"]


class PagerDutyReceiver(PagerDutySettings):
    """A PagerDuty service."""

    channel: Literal["pagerduty"]


class AlertmanagerReceiver(AlertmanagerSettings):
    """A Prometheus Alertmanager."""

    channel: Literal["alertmanager"]


class ChatReceiver(ChatSettings):
    """A room of Slack or Teams."""

    channel: Literal["chat"]


class SmsReceiver(SmsSettings):
    """People by short message."""

    channel: Literal["sms"]


class SyslogReceiver(SyslogSettings):
    """A log server."""

    channel: Literal["syslog"]


class AppriseReceiver(AppriseSettings):
    """Services through Apprise."""

    channel: Literal["apprise"]


Receiver: TypeAlias = Annotated[
    EmailReceiver
    | WebhookReceiver
    | CommandReceiver
    | PagerDutyReceiver
    | AlertmanagerReceiver
    | ChatReceiver
    | SmsReceiver
    | SyslogReceiver
    | AppriseReceiver,
    Field(discriminator="channel"),
]
"""One table of the settings; ``channel`` says of which kind it is."""

KEEP_STATE: Final = frozenset({"pagerduty", "alertmanager"})
"""Channels whose other side knows each alert as open, taken on or over: they are told of each change."""

_OPENERS: Final[Mapping[str, Callable[[Any], Channel]]] = {
    "email": EmailChannel,
    "webhook": WebhookChannel,
    "command": CommandChannel,
    "pagerduty": PagerDutyChannel,
    "alertmanager": AlertmanagerChannel,
    "chat": ChatChannel,
    "sms": SmsChannel,
    "syslog": SyslogChannel,
    "apprise": AppriseChannel,
}


def open_channel(receiver: Receiver) -> Channel:
    """Return the channel of a receiver.

    Raises:
        UsageError: a secret, a certificate or an optional part is missing or cannot be used.
    """
    return _OPENERS[receiver.channel](receiver)
