"""Settings of a room."""

from enum import StrEnum
from pathlib import Path

from connectors.common import ChannelSettings, Name


class Service(StrEnum):
    """Whose room it is."""

    SLACK = "slack"
    """An incoming webhook; Mattermost and Rocket.Chat take the same."""
    TEAMS = "teams"
    """A workflow of the kind "when a Teams webhook request is received"."""


class ChatSettings(ChannelSettings):
    """Which room. The webhook's URL is its secret, so it is in a file of its own."""

    name: Name = "chat"
    service: Service
    url_file: Path
    """Holds the URL as the service gave it."""
