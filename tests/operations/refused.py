"""An installation whose log went on after its backup, and then lost its database."""

from integration.audit.checkpoint import parse
from tests.cli.conftest import Site


def later_anchor(site: Site, on_site) -> int:
    """Let the log grow and be signed, then take its database away; returns the signed size."""
    for _ in range(2):
        assert on_site("audit", "show").status == 0
    for path in site.database.parent.glob("holdwatch.sqlite*"):
        path.unlink()
    return parse(site.anchor.read_bytes()).size
