"""Settings of an SFTP server that files are fetched from."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from connectors.mapping.config import Positive, SourceSettings


class SftpSource(SourceSettings):
    """A folder on a server. What is fetched goes into a folder that another connector reads."""

    kind: Literal["sftp"]
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[str, Field(min_length=1)]
    host_key_file: Path
    """The server's public key, one line as in ``ssh_host_ed25519_key.pub``. Any other key is refused."""
    key_file: Path | None = None
    password_file: Path | None = None
    remote: str = "."
    pattern: Annotated[str, Field(pattern=r"^[^/]+$")] = "*"
    """Of file names. Names that begin with a dot or end in .tmp or .part are never taken."""
    to: Path
    settled_seconds: Annotated[float, Field(ge=0)] = 5.0
    """A file is taken once its size and time have not changed for so long."""
    every_seconds: Positive = 60.0
    compare_every_seconds: Positive = 900.0
    """How often the content of the newest files is compared with what was fetched: one that is written anew may have
    the size and the time that it had."""
    compare_files: Annotated[int, Field(ge=1)] = 10
    """How many."""
    max_bytes: Annotated[int, Field(gt=0)] = 256 * 2**20
    timeout_seconds: Positive = 60.0

    @model_validator(mode="after")
    def _one_login(self) -> "SftpSource":
        if (self.key_file is None) == (self.password_file is None):
            raise ValueError("needs key_file or password_file, one of them")
        return self
