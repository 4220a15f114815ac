"""Domains, compared label by label: case, trailing dot, widths and IDN; and those that only look like a listed one."""

import re
from collections.abc import Iterator
from typing import Final

from integration.domain.agencies import Directory
from integration.domain.folding import fold

_DOTS: Final = re.compile("[\u3002\uff0e\uff61\u2024\ufe52]")
"""Full stops that IDNA reads as a dot (RFC 3490 section 3.1), and two more that look like one."""
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST: Final = 253
_ADDRESS: Final = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+))*\.?")
_DEVIATIONS: Final = re.compile("[\u00df\u03c2\u200c\u200d]")
"""Characters that IDNA 2003 maps away and IDNA 2008 keeps (UTS 46 section 5): two different domains."""
_SKELETON: Final = str.maketrans({"0": "o", "1": "i", "l": "i", "5": "s", "3": "e", "-": "", "_": ""})
_MOST_LABELS: Final = 5
"""Labels of a listed domain, and one more."""
_HOSTS: Final = re.compile(r"[^\s@%!:,;<>()\[\]\"'\\/?#&=|]+")


def plain_domain(domain: str) -> str | None:
    """Return a domain in lower case, as A-labels, without a trailing dot; None for what is no domain name."""
    dotted = _DOTS.sub(".", domain).strip().removesuffix(".")
    if not dotted or len(dotted) > _LONGEST or _DEVIATIONS.search(dotted):
        return None
    labels = []
    for label in dotted.split("."):
        try:
            plain = label.casefold() if label.isascii() else label.encode("idna").decode("ascii").casefold()
        except UnicodeError:
            return None
        if not _LABEL.fullmatch(plain):
            return None
        labels.append(plain)
    return ".".join(labels)


def is_address(domain: str) -> bool:
    """Tell whether a host is a bare IP address, in any of the ways in which a resolver reads one."""
    return bool(_ADDRESS.fullmatch(domain.casefold()))


def is_listed(directory: Directory, domain: str) -> bool:
    """Tell whether a domain is listed or lies below a listed one; ``justice.gov`` is not ``ice.gov``."""
    return any(domain == listed or domain.endswith("." + listed) for listed in directory.domains)


def looks_listed(directory: Directory, domain: str) -> bool:
    """Tell whether a domain that is not listed reads like a listed one, or carries one in its labels.

    So do ``dhs.g0v``, a Cyrillic ``ice.gov``, ``ice.gov.example.org`` and ``ice-dhs-gov.mail.example``; and one that
    is made of two listed names, ``dhs-ice.gov``.
    """
    if directory.has_two_names(tuple(re.split(r"[.-]", domain))):
        return True
    skeletons = [_skeleton(_shown(label)) for label in domain.split(".")]
    # Run together too: a hyphen, or nothing, may stand where the listed one has a dot ("ice-dhs.gov", "icedhsgov").
    runs = {"".join(skeletons[first:after]) for first, after in _runs(len(skeletons))}
    return any("".join(map(_skeleton, listed.split("."))) in runs for listed in directory.domains)


def _runs(count: int) -> Iterator[tuple[int, int]]:
    """Yield where runs of labels begin and end that may read like a listed domain."""
    for first in range(count):
        for after in range(first + 1, min(first + _MOST_LABELS, count) + 1):
            yield first, after


def _skeleton(label: str) -> str:
    return fold(label).translate(_SKELETON).replace("rn", "m").replace("vv", "w")


def _shown(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


def hosts_in(text: str) -> list[str]:
    """Return every domain name that stands anywhere in a text, whatever the syntax around it."""
    dotted = _DOTS.sub(".", text)
    found = (plain_domain(each.strip(".")) for each in _HOSTS.findall(dotted) if "." in each.strip("."))
    return [domain for domain in dict.fromkeys(found) if domain]
