"""Publishing a log as plain files: C2SP tlog-tiles and ``.tlog-proof``."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from integration.audit.checkpoint import parse
from integration.audit.merkle import TILE_WIDTH, Tile, TileError, Tree, leaf_hash

MAX_LEAF_BYTES: Final = 65_535
"""A leaf's length is written in 16 bits (tlog-tiles, "Log entries")."""

_GROUP: Final = 1000


def tile_path(level: int | str, index: int, width: int = TILE_WIDTH) -> str:
    """Return ``tile/<level>/<index>[.p/<width>]``, the index in groups of three digits.

    Args:
        level: The tile level, or ``"entries"`` for an entry bundle.
        index: Which tile of the level.
        width: How many hashes it has: less than 256 names a partial tile.
    """
    if index < 0 or not 0 < width <= TILE_WIDTH:
        raise ValueError(f"there is no tile {index} of width {width}")
    groups = [f"{index % _GROUP:03d}"]
    while index := index // _GROUP:
        groups.append(f"x{index % _GROUP:03d}")
    return f"tile/{level}/{'/'.join(reversed(groups))}" + ("" if width == TILE_WIDTH else f".p/{width}")


@dataclass(frozen=True, slots=True)
class DirectoryTiles:
    """Reads tiles (a `merkle.TileReader`) out of an exported directory."""

    directory: Path

    def __call__(self, level: int, index: int, width: int, /) -> bytes:
        """Read the full tile where there is one, otherwise the narrowest partial tile that is wide enough.

        Raises:
            TileError: There is none.
        """
        whole = self.directory / tile_path(level, index)
        if whole.exists():
            return whole.read_bytes()
        # An older size asks for a width that was never published, or is published no longer.
        partial = whole.with_name(whole.name + ".p")
        widths = [int(path.name) for path in partial.iterdir()] if partial.exists() else []
        wide = [each for each in widths if each >= width]
        if not wide:
            raise TileError(f"tile {level}/{index} of width {width} is not in {self.directory}")
        return (partial / str(min(wide))).read_bytes()


def export(directory: Path, leaves: Iterable[bytes], note: bytes) -> None:
    """Write tiles, entry bundles and, last, the checkpoint; memory does not grow with the log.

    Args:
        directory: Where to; existing files of the same log are written over with the same bytes.
        leaves: Leaf data in log order, at least as many as the checkpoint covers; more are left unread.
        note: The signed checkpoint.

    Raises:
        ValueError: The leaves are too few, too long, or not those of the checkpoint; it is not written then.
    """
    checkpoint = parse(note)
    tree = Tree()
    bundle = bytearray()
    rest = iter(leaves)
    while tree.size < checkpoint.size:
        data = next(rest, None)
        if data is None:
            raise ValueError(f"the checkpoint covers {checkpoint.size} entries, {tree.size} are here")
        if len(data) > MAX_LEAF_BYTES:
            raise ValueError(f"leaf {tree.size} has {len(data)} bytes, more than {MAX_LEAF_BYTES}")
        bundle += len(data).to_bytes(2, "big") + data
        tree.append(leaf_hash(data))
        if tree.size % TILE_WIDTH == 0:
            _write(directory / tile_path("entries", tree.size // TILE_WIDTH - 1), bytes(bundle))
            bundle.clear()
            _write_tiles(directory, tree.take_tiles())
    if tree.root() != checkpoint.root:
        raise ValueError("the leaves are not those of the checkpoint: their root differs")
    if bundle:
        index, width = divmod(tree.size, TILE_WIDTH)
        _write(directory / tile_path("entries", index, width), bytes(bundle))
    _write_tiles(directory, tree.edge_tiles())
    # Last and at once: a reader who sees the checkpoint must find every tile it needs.
    fresh = directory / "checkpoint.new"
    _write(fresh, note)
    fresh.replace(directory / "checkpoint")


def _write_tiles(directory: Path, tiles: Iterable[Tile]) -> None:
    for level, index, hashes in tiles:
        _write(directory / tile_path(level, index, len(hashes) // 32), hashes)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def tlog_proof(index: int, proof: Sequence[bytes], note: bytes, *, extra: bytes | None = None) -> bytes:
    """Write a ``.tlog-proof`` (``c2sp.org/tlog-proof@v1``): all somebody needs to check one entry offline.

    Args:
        index: The leaf index.
        proof: Its inclusion proof in the checkpoint's tree, the leaf's sibling first.
        note: The signed checkpoint, taken in verbatim.
        extra: Opaque data for the reader. Nothing vouches for it.
    """
    lines = ["c2sp.org/tlog-proof@v1"]
    if extra is not None:
        lines.append(f"extra {b64encode(extra).decode()}")
    lines.append(f"index {index}")
    lines += [b64encode(digest).decode() for digest in proof]
    return "\n".join(lines).encode() + b"\n\n" + note
