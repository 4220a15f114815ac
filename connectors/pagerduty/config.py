"""Settings of a PagerDuty service."""

from pathlib import Path

from connectors.common import ChannelSettings, Name, Url


class PagerDutySettings(ChannelSettings):
    """Which service is told. Its integration key is in a file of its own."""

    name: Name = "pagerduty"
    url: Url = "https://events.pagerduty.com/v2/enqueue"
    """``https://events.eu.pagerduty.com/v2/enqueue`` for accounts in the EU region."""
    routing_key_file: Path
    """Holds the integration key of an *Events API v2* integration: 32 letters and digits."""
