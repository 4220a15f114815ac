"""``holdwatch gate access``, ``assistance`` and ``acl-helper``: decisions for whoever acts itself. Each is recorded."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from integration.cli.console import Exit, out, print_json
from integration.cli.opening import DEFAULT_SETTINGS, Actor, AsJson, SettingsFile, actor_name, opened_installation
from integration.cli.requestfile import request_in
from integration.contents.web import WebMessage
from integration.errors import HoldwatchError, UsageError
from integration.runners.gateway.beside import followed_roster
from integration.runners.gateway.parts import GateParts, gate_parts, gate_settings
from integration.services.asking import Asking
from integration.services.gate import Request
from schemas.requests import AccessRequestedData, AssistanceRequestedData

File = Annotated[Path, typer.Argument(help="JSON: an event of this type, or its data.")]
Source = Annotated[str | None, typer.Option("--source", help="The facility's feed; else the gate's.")]
Booking = Annotated[str, typer.Option("--booking", help="The person's booking number.")]


def access(
    file: File,
    booking: Booking = "",
    source: Source = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    actor: Actor = None,
    as_json: AsJson = False,
) -> None:
    """Decide whether an agency may reach a person in custody, and record it.

    Exit status: 0 permit; 1 block; 2 usage; 3 cannot decide.
    """
    data = request_in(file, AccessRequestedData)
    with _asking(settings) as (parts, asking):
        asked = asking.access(data, source=source or parts.source, booking=booking, actor=actor_name(actor))
        _tell(asked.result(), as_json=as_json)


def assistance(
    file: File,
    source: Source = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    actor: Actor = None,
    as_json: AsJson = False,
) -> None:
    """Decide whether staff may take part in another agency's operation or help it, and record it.

    Exit status: 0 permit; 1 block; 2 usage; 3 cannot decide.
    """
    data = request_in(file, AssistanceRequestedData)
    with _asking(settings) as (parts, asking):
        asked = asking.assistance(data, source=source or parts.source, actor=actor_name(actor))
        _tell(asked.result(), as_json=as_json)


def acl_helper(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Answer Squid, line by line, until its end of file: external_acl_type with %METHOD %URI.

    OK: it may leave. ERR: it may not. BH: the answer could not be recorded. Squid shows neither fields nor a body, so
    whatever goes to an immigration authority has some that nobody saw.
    """
    from connectors.http_gateway.checking import Checking  # noqa: PLC0415  only here, and slow to load

    with _asking(settings) as (parts, asking), asyncio.Runner() as runner:
        checking = Checking(asking, parts.desk, source=parts.source)
        for line in sys.stdin:
            channel, words = _channel(line.split())
            try:
                host, message = _asked(words)
                request, _ = runner.run(checking.decide(host, message))
                answer = "OK" if request.permit else f"ERR message={','.join(request.reasons)}"
            except UsageError:
                answer = "ERR message=bad_check"
            except HoldwatchError:
                answer = "BH message=unrecorded"
            sys.stdout.write(f"{channel}{answer}\n")
            sys.stdout.flush()


def _channel(words: list[str]) -> tuple[str, list[str]]:
    """Part the channel's number, which Squid puts first where helpers answer out of order, from what it asks."""
    return (f"{words[0]} ", words[1:]) if words and words[0].isdecimal() else ("", words)


def _asked(words: list[str]) -> tuple[str, WebMessage]:
    if len(words) < 2:  # noqa: PLR2004  method and URI
        raise UsageError("a line is a method and a URI")
    method, uri = words[:2]
    if method == "CONNECT":
        return uri, WebMessage(method=method, path="/", complete=False)
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise UsageError("this is no URI") from None
    if not parts.netloc:
        raise UsageError("this URI names no host")
    return parts.netloc, WebMessage(method=method, path=parts.path or "/", query=parts.query, complete=False)


@contextmanager
def _asking(settings: Path) -> Iterator[tuple[GateParts, Asking]]:
    with opened_installation(settings) as installation, followed_roster(gate_settings(installation.settings)) as roster:
        parts = gate_parts(installation, roster=roster)
        try:
            yield parts, Asking(parts.desk)
        finally:
            parts.close()


def _tell(request: Request, *, as_json: bool) -> None:
    verdict = "permit" if request.permit else "block"
    if as_json:
        told = {"decision": verdict, request.kind: request.request_id}
        print_json({**told, "reasons": list(request.reasons), "provisions": list(request.provisions)})
    else:
        reasons, provisions = ", ".join(request.reasons), ", ".join(request.provisions) or "none"
        out.print(f"{verdict}: {reasons}; provisions: {provisions}", markup=False, highlight=False)
    raise typer.Exit(int(Exit.DONE if request.permit else Exit.FOUND))
