"""The writer's Merkle tree (RFC 6962 section 2.1, RFC 9162 section 2.1), kept as C2SP tlog-tiles.

A tile holds 256 consecutive hashes of every eighth level. Only the right edge is held in memory; full tiles
are handed out once, to be stored in the transaction that stores their leaves.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple, Protocol, Self

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962 section 2.1)."""


class TileError(RuntimeError):
    """The store gave fewer tile hashes than a tree of the asked size has."""


class Tile(NamedTuple):
    """Consecutive hashes of one tile; ``len(hashes) // 32`` of them, 256 in a full one."""

    level: int
    number: int
    hashes: bytes


class TileReader(Protocol):
    """Gives the first ``width`` hashes (or more) of a tile, concatenated."""

    def __call__(self, level: int, index: int, width: int, /) -> bytes: ...


def leaf_hash(data: bytes) -> bytes:
    """Hash leaf data: SHA-256(0x00 || data), RFC 6962 section 2.1."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node: SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: list[bytes]) -> bytes:
    """Return the root over one or more subtrees of equal size, of which only the last may be smaller.

    Pairing level by level and carrying an odd last one up gives RFC 6962's split at the largest power of two.
    """
    while len(hashes) > 1:
        paired = [sha256(b"\x01" + a + b).digest() for a, b in zip(hashes[::2], hashes[1::2], strict=False)]
        if len(hashes) & 1:
            paired.append(hashes[-1])
        hashes = paired
    return hashes[0]


def split_hashes(joined: bytes) -> list[bytes]:
    """Cut concatenated hashes into a list."""
    return [joined[i : i + HASH_BYTES] for i in range(0, len(joined), HASH_BYTES)]


class Tree:
    """An append-only tree that remembers its right edge: at most 255 hashes a level.

    Appending costs one list append; a full tile is hashed at once when its 256th hash arrives.
    """

    __slots__ = ("_closed", "_edges", "_finished")

    def __init__(
        self,
        edges: list[list[bytes]] | None = None,
        closed: list[int] | None = None,
        finished: list[Tile] | None = None,
    ) -> None:
        """Make an empty tree; the arguments are for `copy` and `restore`."""
        self._edges = edges or [[]]  # by level: the hashes of the tile that is not full yet
        self._closed = closed or [0]  # by level: how many tiles are full
        self._finished = finished or []

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._closed[0] * TILE_WIDTH + len(self._edges[0])

    def append(self, digest: bytes) -> None:
        """Add a leaf by its hash (see `leaf_hash`)."""
        edge = self._edges[0]
        edge.append(digest)
        if len(edge) == TILE_WIDTH:
            self._close()

    def _close(self) -> None:
        level = 0
        while len(edge := self._edges[level]) == TILE_WIDTH:
            self._finished.append(Tile(level, self._closed[level], b"".join(edge)))
            self._closed[level] += 1
            self._edges[level] = []
            level += 1
            if level == len(self._edges):
                self._edges.append([])
                self._closed.append(0)
            self._edges[level].append(fold(edge))

    def root(self) -> bytes:
        """Return the root hash (Merkle Tree Hash) over all leaves; up to 255 hashings a level."""
        right: list[bytes] = []
        for edge in self._edges:
            if joined := edge + right:
                right = [fold(joined)]
        return right[0] if right else EMPTY_ROOT

    def take_tiles(self) -> list[Tile]:
        """Hand over the full tiles finished since the last call, lower levels first."""
        taken, self._finished = self._finished, []
        return taken

    def edge_tiles(self) -> list[Tile]:
        """Return the partial tiles of the present size: tlog-tiles publishes them with a checkpoint."""
        return [
            Tile(level, closed, b"".join(edge))
            for level, (edge, closed) in enumerate(zip(self._edges, self._closed, strict=True))
            if edge
        ]

    def copy(self) -> Self:
        """Return an independent tree: a failed transaction is undone by going back to the copy."""
        return type(self)([edge.copy() for edge in self._edges], self._closed.copy(), self._finished.copy())

    @classmethod
    def restore(cls, size: int, read: TileReader) -> Self:
        """Rebuild the tree of ``size`` leaves from stored tiles.

        Raises:
            TileError: The store has fewer hashes than that.
        """
        edges: list[list[bytes]] = []
        closed: list[int] = []
        nodes = size
        while nodes or not edges:
            number, width = divmod(nodes, TILE_WIDTH)
            edges.append(split_hashes(read_tile(read, len(edges), number, width)) if width else [])
            closed.append(number)
            nodes = number
        return cls(edges, closed)


def read_tile(read: TileReader, level: int, index: int, width: int) -> bytes:
    """Read exactly ``width`` hashes of a tile.

    Raises:
        TileError: The store gave fewer.
    """
    hashes = read(level, index, width)
    if len(hashes) < width * HASH_BYTES:
        raise TileError(f"tile {level}/{index} has {len(hashes) // HASH_BYTES} hashes where {width} are needed")
    return hashes[: width * HASH_BYTES]


def stored_tiles(full: Callable[[int, int], bytes | None], leaf_hashes: Callable[[int, int], bytes]) -> TileReader:
    """Make a reader out of a store that keeps only full tiles and leaf hashes.

    Args:
        full: Gives the full tile (level, index), or None where it is not finished yet.
        leaf_hashes: Gives the concatenated leaf hashes of (first index, count).
    """

    def read(level: int, index: int, width: int) -> bytes:
        whole = full(level, index)
        if whole is not None:
            return whole
        if level == 0:
            return leaf_hashes(index * TILE_WIDTH, width)
        below = range(index * TILE_WIDTH, index * TILE_WIDTH + width)
        return b"".join(fold(split_hashes(read_tile(read, level - 1, child, TILE_WIDTH))) for child in below)

    return read
