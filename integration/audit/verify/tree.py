"""RFC 6962 hashing the verifier's own way: a stack of complete subtrees, as in RFC 9162 section 2.1.2."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32


def hash_leaf(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Stack:
    """The roots of the complete subtrees left of the next leaf, largest first."""

    __slots__ = ("count", "roots")

    def __init__(self) -> None:
        self.count = 0
        self.roots: list[bytes] = []

    def push(self, digest: bytes) -> None:
        """Add a leaf hash; merge as often as the count before it ends in one bits (RFC 9162 section 2.1.2)."""
        roots = self.roots
        count = self.count
        self.count = count + 1
        while count & 1:
            digest = sha256(b"\x01" + roots.pop() + digest).digest()
            count >>= 1
        roots.append(digest)

    def root(self) -> bytes:
        """Return the Merkle Tree Hash of all leaves so far."""
        if not self.roots:
            return sha256().digest()
        *rest, right = self.roots
        for left in reversed(rest):
            right = hash_children(left, right)
        return right

    def copy(self) -> "Stack":
        """Return an independent stack."""
        twin = Stack()
        twin.count, twin.roots = self.count, self.roots.copy()
        return twin


def inclusion_holds(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Check an inclusion proof of a leaf hash: RFC 9162 section 2.1.3.2, step by step."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = hash_children(p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = hash_children(r, p)
        fn >>= 1
        sn >>= 1
    return sn == 0 and r == root


def consistency_holds(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Check a consistency proof: RFC 9162 section 2.1.4.2, step by step; equal sizes need equal roots, no proof."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = hash_children(c, fr), hash_children(c, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = hash_children(sr, c)
        fn >>= 1
        sn >>= 1
    return sn == 0 and fr == old_root and sr == new_root
