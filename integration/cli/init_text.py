"""The settings file that ``holdwatch init`` writes: what was answered, and where the rest is explained."""

import json
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Answers:
    """What ``init`` was told."""

    site: str
    source: str
    zone: str
    pack: str
    origin: str
    state_dir: str
    drop: str
    database: str


_TEXT: Final = """\
# holdwatch settings, written by `holdwatch init`. Every key is explained in holdwatch.example.toml.
# Unknown keys are refused. Check after each change: holdwatch doctor all

[site]
name = {site}
# Database, keys and the anchor. Writable by the service and by nobody else.
state_dir = {state_dir}

[database]
# Empty: a SQLite file in state_dir. Never write a password here: use ?passfile=FILE.
url = {database}

[log]
# On every checkpoint for ever. Never change it.
origin = {origin}

[[facilities]]
source = {source}
zone = {zone}
silent_after_minutes = 1440
packs = [{{ pack = {pack} }}]

[[drop_folders]]
path = {drop}

# Who is told when the engine fails: at least one channel, better two over different networks (docs/watch.md).
# [[watch.emails]]
# host = "mail.example.gov"
# sender = "holdwatch@example.gov"
# recipients = ["it@example.gov"]
"""


def settings_text(answers: Answers) -> str:
    """Return the file. A JSON string is a TOML basic string, but for DEL, which no answer may hold."""
    words = {name: json.dumps(getattr(answers, name)) for name in Answers.__slots__}
    return _TEXT.format(**words)
