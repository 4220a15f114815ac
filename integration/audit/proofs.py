"""Inclusion and consistency proofs out of stored tiles (RFC 9162 sections 2.1.3.1 and 2.1.4.1)."""

from typing import Final

from integration.audit.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileReader,
    fold,
    node_hash,
    read_tile,
    split_hashes,
)

_WITHIN_TILE: Final = TILE_WIDTH - 1


class _Subtrees:
    """Hashes of subtrees of one tree; a tile is read once a proof."""

    __slots__ = ("_read", "_size", "_tiles")

    def __init__(self, size: int, read: TileReader) -> None:
        self._size = size
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}

    def _tile(self, level: int, index: int) -> bytes:
        known = self._tiles.get((level, index))
        if known is None:
            width = min(TILE_WIDTH, (self._size >> TILE_HEIGHT * level) - index * TILE_WIDTH)
            known = read_tile(self._read, level, index, width)
            self._tiles[level, index] = known
        return known

    def _complete(self, height: int, position: int) -> bytes:
        """Hash of the ``position``-th complete subtree of 2**height leaves."""
        level, rest = divmod(height, TILE_HEIGHT)
        first = position << rest
        offset = (first & _WITHIN_TILE) * HASH_BYTES
        tile = self._tile(level, first >> TILE_HEIGHT)
        return fold(split_hashes(tile[offset : offset + (HASH_BYTES << rest)]))

    def hash(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) for a start that is a multiple of the largest power of two below the length."""
        parts: list[bytes] = []
        while start < end:
            height = (end - start).bit_length() - 1
            parts.append(self._complete(height, start >> height))
            start += 1 << height
        while len(parts) > 1:
            right = parts.pop()
            parts.append(node_hash(parts.pop(), right))
        return parts[0]


def _split(length: int) -> int:
    """Largest power of two smaller than ``length``."""
    return 1 << (length - 1).bit_length() - 1


def root_at(size: int, read: TileReader) -> bytes:
    """Return the root the tree had at ``size`` leaves.

    Raises:
        TileError: The store has fewer leaves.
    """
    return _Subtrees(size, read).hash(0, size) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: TileReader) -> list[bytes]:
    """Prove that leaf ``index`` is in the tree of ``size`` leaves: PATH(index, D[size]), the sibling first.

    Raises:
        ValueError: There is no such leaf.
        TileError: The store has fewer leaves.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    subtrees = _Subtrees(size, read)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtrees.hash(middle, end))
            end = middle
        else:
            path.append(subtrees.hash(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, read: TileReader) -> list[bytes]:
    """Prove that the tree of ``new`` leaves extends that of ``old``: PROOF(old, D[new]); empty when equal.

    Raises:
        ValueError: ``old`` is zero (all extends an empty tree: there is nothing to prove) or beyond ``new``.
        TileError: The store has fewer leaves.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof leads from {old} to {new} leaves")
    subtrees = _Subtrees(new, read)
    path: list[bytes] = []
    start, end = 0, new
    whole = True  # the old tree is still a subtree whose hash the other side knows
    while end > old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtrees.hash(middle, end))
            end = middle
        else:
            path.append(subtrees.hash(start, middle))
            start = middle
            whole = False
    if not whole:
        path.append(subtrees.hash(start, end))
    return path[::-1]
