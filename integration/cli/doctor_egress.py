"""``holdwatch doctor egress``: does anything leave past the gate? Connections are opened and closed; nothing is sent.

Run it where the jail's systems run: from the gate's own machine the way out is meant to be open to the gate.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from connectors.probing import Road, Tried, try_dns, try_tcp
from integration.bootstrap import packs_of
from integration.services.doctor import Result, fault, note, ok
from integration.settings import Settings

_ASKED: Final = "ice.gov"
_RULES: Final = "Shut it: deploy/egress/README.md."


def check(settings: Settings) -> Iterator[Result]:
    """Try every side door that the settings and the packs name."""
    egress = settings.doctor_egress
    _, packs = packs_of(settings)
    domains = sorted({domain for pack in packs for domain in pack.parameters.immigration_authorities.domains})
    ours = {(settings.gate.upstream.host, settings.gate.upstream.port)} if settings.gate else set()
    mail = [(host, port) for host in egress.mail_hosts for port in egress.mail_ports if (host, port) not in ours]
    web = [(domain, port) for domain in domains for port in egress.web_ports]
    with ThreadPoolExecutor(16) as pool:
        tried = list(pool.map(lambda to: try_tcp(to[0], to[1], egress.seconds), [*mail, *web]))
    yield from _told("egress.mail", mail, tried[: len(mail)], "mail can be sent past the gate")
    yield from _told("egress.web", web, tried[len(mail) :], "an immigration authority can be reached past the gate")
    if not mail:
        todo = "List mail servers outside, as your own mail server sees them, in doctor_egress.mail_hosts."
        yield note("egress.mail", "no mail server outside is listed, so none was tried", todo)
    for server in egress.dns_servers:
        answer = try_dns(server, egress.dns_port, _ASKED, egress.seconds)
        if answer.road is Road.OPEN:
            text = f"the name server {server} outside answers: names can carry data out"
            yield fault("egress.dns", text, f"Let machines ask your own resolver alone. {_RULES}")
        else:
            yield ok("egress.dns", f"{server}: {answer.why}")
    yield note(
        "egress.unseen", "telephone, fax lines, paper, people and devices of their own cannot be tried from here"
    )


def _told(name: str, to: Sequence[tuple[str, int]], tried: Sequence[Tried], open_means: str) -> Iterator[Result]:
    shut = [place for place, each in zip(to, tried, strict=True) if each.road is Road.SHUT]
    unknown = [place for place, each in zip(to, tried, strict=True) if each.road is Road.UNKNOWN]
    for (host, port), each in zip(to, tried, strict=True):
        if each.road is Road.OPEN:
            yield fault(name, f"{host}:{port} is open: {open_means}", _RULES)
    if shut:
        yield ok(name, f"{len(shut)} of {len(to)} roads are shut")
    if unknown:
        hosts = ", ".join(sorted({host for host, _ in unknown}))
        yield note(name, f"not tried, since their names are not found here: {hosts}", "Try from where names resolve.")
