"""Settings of a folder that dumps are dropped into."""

from pathlib import Path
from typing import Literal

from connectors.mapping.config import Mapped, Positive


class CsvSource(Mapped):
    """A folder of dumps. The file is put there as for every drop folder: under a passing name, then renamed."""

    kind: Literal["csv"]
    path: Path
    look_every_seconds: Positive = 1.0
