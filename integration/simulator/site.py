"""Settings for a service that simulated jails feed."""

from pathlib import Path
from typing import Final

import orjson

from integration.simulator.facility import facilities
from integration.simulator.params import SimulationParams

_HEAD: Final = """\
# A service for simulated jails. Nobody in them exists; what it finds and logs is about nobody.
[site]
name = "simulated"
state_dir = {state}

[log]
origin = "simulated.invalid/seed-{seed}"
"""
_FACILITY: Final = """
[[facilities]]
source = {source}
zone = {zone}
packs = [{{ pack = {pack} }}]
"""
_FOLDER: Final = """
[[drop_folders]]
path = {path}
"""


def settings_for(params: SimulationParams, folder: Path, *, by_jail: bool, state: Path, pack: str) -> str:
    """Return a whole ``holdwatch.toml``.

    Args:
        params: what is simulated.
        folder: where its lines go.
        by_jail: whether each jail has a folder of its own below it.
        state: the service's state folder.
        pack: every jail's policy pack.
    """
    jails = facilities(params)
    folders = [folder / jail.source.rpartition("/")[2] for jail in jails] if by_jail else [folder]
    return "".join(
        [
            _HEAD.format(state=_text(state), seed=params.seed),
            *(_FACILITY.format(source=_text(jail.source), zone=_text(jail.zone), pack=_text(pack)) for jail in jails),
            *(_FOLDER.format(path=_text(each)) for each in folders),
        ]
    )


def _text(value: object) -> str:
    """Write a text for TOML, whose basic strings are those of JSON."""
    return orjson.dumps(str(value)).decode()
