"""How the brokers are reached, in the words of each client library."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from connectors.secret import read_secret
from integration.errors import UsageError

Protocol = Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Brokers, and how connections to them are secured. It holds file names, never a password."""

    servers: tuple[str, ...]
    protocol: Protocol = "plaintext"
    mechanism: str = "SCRAM-SHA-512"
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    def aiokafka(self) -> dict[str, Any]:
        """Return the arguments that aiokafka's consumer, producer and admin client have in common.

        Raises:
            UsageError: a file is missing or unreadable, holds nothing usable, or others may read the password.
        """
        common: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "security_protocol": self.protocol.upper(),
            "ssl_context": self.tls(),
        }
        if self.password_file is None:
            return common
        return common | {
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password(),
        }

    def tls(self) -> ssl.SSLContext | None:
        """Return what TLS needs: certificates and host names are always checked. None without TLS.

        Raises:
            UsageError: a file is missing, unreadable or no certificate.
        """
        if not self.protocol.endswith("ssl"):
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file is not None:
                context.load_cert_chain(self.cert_file, self.key_file)
        except OSError as error:  # ssl's own errors are of this family
            raise UsageError(
                f"kafka.security: the certificate files cannot be used: {error.strerror or error}"
            ) from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def password(self) -> str:
        """Return the password, read now, so that a changed file counts at the next connection.

        Raises:
            UsageError: there is no such file, it is empty, or others may read it.
        """
        if self.password_file is None:
            raise UsageError("kafka.security.password_file is not set")
        return read_secret(self.password_file)
