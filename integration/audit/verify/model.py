"""What the verifier says: typed problems, each with its place."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MAX_LISTED: Final = 1000
"""Problems of a kind listed one by one; more are only counted, so that a wrecked log does not fill memory."""


class What(StrEnum):
    """The kinds of problem."""

    MALFORMED_ROW = "malformed_row"
    MALFORMED_LEAF = "malformed_leaf"
    MALFORMED_ENTRY = "malformed_entry"
    NOT_CANONICAL = "not_canonical"
    COMMITMENT = "commitment_differs"
    STORED_HASH = "stored_hash_differs"
    MISSING = "missing"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out_of_order"
    SEALED_WITHOUT_ENTRY = "sealed_without_entry"
    SEALED_STILL_READABLE = "sealed_still_readable"
    SEALS_NOTHING = "seals_nothing"
    CHECKPOINT = "checkpoint_invalid"
    SIZE = "size_differs"
    ROOT = "root_differs"
    HISTORY = "earlier_checkpoint_differs"
    TILE = "tile_differs"
    MISSING_FILE = "missing_file"
    PROOF = "proof_invalid"
    COLUMNS = "columns_differ"
    PROJECTION = "projection_differs"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        what: Its kind.
        index: The leaf index it is about, or the first of a range; None when it is about the whole log.
        until: The end (exclusive) of the range of leaf indexes in which the fault lies; ``index + 1`` for one.
        text: A sentence for a person. It never quotes an entry.
    """

    what: What
    index: int | None
    until: int | None
    text: str

    def __str__(self) -> str:
        """Say it in a line."""
        if self.index is None:
            place = "log"
        elif self.until is None or self.until <= self.index + 1:
            place = f"entry {self.index}"
        else:
            place = f"entries {self.index} to {self.until - 1}"
        return f"{place}: {self.text} ({self.what})"


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint whose signature has been verified."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """The verifier's answer.

    Attributes:
        entries: Rows or leaves read.
        root: Root worked out over as many of them as the checkpoint covers, or None where they are too few.
        head: The checkpoint, once its signature has verified.
        problems: At most `MAX_LISTED` of each kind, sorted by place.
        unlisted: How many more there are.
        notes: What is no fault but has to be known, such as an unanchored tail.
    """

    entries: int
    root: bytes | None
    head: Head | None
    problems: tuple[Problem, ...]
    unlisted: int = 0
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


@dataclass(slots=True)
class Problems:
    """Collects problems, the first `MAX_LISTED` of each kind in full."""

    listed: list[Problem] = field(default_factory=list)
    unlisted: int = 0
    kinds: Counter[What] = field(default_factory=Counter)

    def add(self, what: What, index: int | None, text: str, *, until: int | None = None) -> None:
        """Note a problem at ``index``, or at [index, until)."""
        self.kinds[what] += 1
        if self.kinds[what] > MAX_LISTED:
            self.unlisted += 1
            return
        end = index + 1 if until is None and index is not None else until
        self.listed.append(Problem(what, index, end, text))

    def sorted(self) -> tuple[Problem, ...]:
        """Return them by place, those about the whole log first."""
        return tuple(sorted(self.listed, key=lambda p: -1 if p.index is None else p.index))

    def copy(self) -> "Problems":
        """Return an independent collection."""
        return Problems(self.listed.copy(), self.unlisted, self.kinds.copy())
