"""HTTP out: the one module that names httpx (https://www.python-httpx.org), so that it can be replaced in one place."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

import httpx

from integration.errors import HoldwatchError

_MOST: Final = 1 << 20
"""Bytes of an answer that are read."""

Method = Literal["GET", "POST"]


class HttpFault(StrEnum):
    """Why there is no answer."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    """The certificate is not one that we trust."""
    UNUSABLE = "unusable"
    """What came back is not HTTP, or too large."""
    LOST = "lost"
    """It may have arrived: there is no answer, or no whole one. From `HttpClient.carry` alone."""
    NOT_AS_WRITTEN = "not_as_written"
    """The library would ask for another path than the one given; nothing was sent."""


class HttpError(HoldwatchError):
    """There is no answer. The text names no URL: one may hold a secret."""

    def __init__(self, fault: HttpFault) -> None:
        """Args: ``fault`` is all that is told."""
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class HttpClient:
    """A client for one party. Redirects are not followed: an alert goes where the settings say, or nowhere."""

    def __init__(self, *, seconds: float, ca_file: Path | None = None, reuse: bool = True) -> None:
        """Open nothing yet.

        Args:
            seconds: limit for connecting, and for each wait for data.
            ca_file: certificates to trust in place of the system's.
            reuse: whether a connection is kept for the next request. One that its server closes meanwhile fails after
                the request was written, and then nobody knows whether it arrived.

        Raises:
            OSError: the file cannot be read, or holds no certificate (`ssl.SSLError`).
        """
        trust = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        # Proxies and trust come from the settings alone, not from whatever the environment says.
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20 if reuse else 0)
        self._client = httpx.AsyncClient(
            verify=trust, timeout=seconds, follow_redirects=False, trust_env=False, limits=limits
        )

    async def request(
        self, method: Method, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask once.

        Raises:
            HttpError: there is no answer.
        """
        try:
            async with self._client.stream(method, url, content=body or None, headers=dict(headers or {})) as got:
                content = b""
                async for part in got.aiter_bytes():
                    content += part
                    if len(content) > _MOST:
                        raise HttpError(HttpFault.UNUSABLE)
                return Answer(got.status_code, {name.lower(): value for name, value in got.headers.items()}, content)
        except httpx.ConnectError as error:
            untrusted = any(isinstance(each, ssl.SSLCertVerificationError) for each in _causes(error))
            raise HttpError(HttpFault.UNTRUSTED if untrusted else HttpFault.UNREACHABLE) from error
        except (httpx.TimeoutException, httpx.NetworkError) as error:
            raise HttpError(HttpFault.UNREACHABLE) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise HttpError(HttpFault.UNUSABLE) from error

    async def carry(
        self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None, most: int = _MOST
    ) -> Answer:
        """Send somebody else's request once, byte for byte, and return what came back as it came.

        Args:
            method: in capitals.
            url: the whole of it; path and query leave as they stand here.
            body: may be empty.
            headers: besides Host and the length.
            most: bytes of an answer that are read.

        Raises:
            HttpError: `HttpFault.LOST` if it may have arrived; any other fault says that nothing was sent.
        """
        try:
            asked = self._client.build_request(method, url, content=body or None, headers=dict(headers or {}))
            rest = url.partition("://")[2]
            if asked.url.raw_path != (rest[rest.index("/") :] if "/" in rest else "/").encode("ascii"):
                raise HttpError(HttpFault.NOT_AS_WRITTEN)
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise HttpError(HttpFault.NOT_AS_WRITTEN) from error
        try:
            got = await self._client.send(asked, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            untrusted = any(isinstance(each, ssl.SSLCertVerificationError) for each in _causes(error))
            raise HttpError(HttpFault.UNTRUSTED if untrusted else HttpFault.UNREACHABLE) from error
        except httpx.HTTPError as error:
            raise HttpError(HttpFault.LOST) from error
        try:
            content = b""
            async for part in got.aiter_raw():
                content += part
                if len(content) > most:
                    raise HttpError(HttpFault.LOST)
        except httpx.HTTPError as error:
            raise HttpError(HttpFault.LOST) from error
        finally:
            await got.aclose()
        return Answer(got.status_code, {name.lower(): value for name, value in got.headers.items()}, content)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


def _causes(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
