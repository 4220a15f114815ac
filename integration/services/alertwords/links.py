"""The one link of a notice."""

import re
from typing import Final

_LINK: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&()*+,;=%\[\]-]{1,500}", re.ASCII)
"""Characters of RFC 3986 without the apostrophe: what stands in any form as it is."""


def usable(link: str) -> bool:
    """Tell whether a link can stand in a notice; one that cannot is left out, and the notice still goes."""
    return _LINK.fullmatch(link) is not None
