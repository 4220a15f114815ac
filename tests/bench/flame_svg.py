"""Draws counted stacks as a flame graph: a plain SVG, each box with its share in a tooltip."""

from collections import Counter
from dataclasses import dataclass, field
from html import escape

WIDTH = 1200.0
ROW = 18
LETTER = 6.6
"""Width of a letter, about."""
NARROWEST = 0.6
"""Boxes below this are not drawn."""
COLOURS = (
    ("schemas/", "#e8c26a", "schemas"),
    ("integration/domain/", "#e07a5f", "domain"),
    ("integration/policy/", "#c05780", "policy"),
    ("integration/audit/", "#81b29a", "audit"),
    ("integration/services/", "#7a9cc6", "services"),
    ("integration/store/", "#9b86bd", "store"),
    ("sqlalchemy/", "#c3b4dd", "SQLAlchemy"),
    ("pydantic", "#f2dfae", "pydantic"),
)
OTHER = "#cccccc"
LABEL = "Flame graph: the width of a box is its share of processor time"


@dataclass(slots=True)
class Node:
    count: int = 0
    inside: dict[str, "Node"] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        return 1 + max((node.depth for node in self.inside.values()), default=0)


def drawn(stacks: Counter[tuple[str, ...]]) -> str:
    """Draw stacks, outermost function at the bottom."""
    root = Node()
    for stack, count in stacks.items():
        node = root
        node.count += count
        for name in stack:
            node = node.inside.setdefault(name, Node())
            node.count += count
    picture = Picture(root)
    size = f'width="{WIDTH:.0f}" height="{picture.height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {picture.height}"'
    font = f'font-family="monospace" font-size="11" role="img" aria-label="{LABEL}">'
    ground = f'<rect {size} fill="#ffffff"/>'
    return "\n".join([f"{head} {font}", ground, *picture.boxes, *picture.legend(), "</svg>", ""])


class Picture:
    """Boxes over boxes, as high as the deepest stack."""

    def __init__(self, root: Node) -> None:
        self.total = root.count
        self.height = (root.depth + 2) * ROW
        self.boxes: list[str] = []
        self._place(root, 0.0, 0)

    def _place(self, node: Node, left: float, level: int) -> None:
        """Draw what a function calls, side by side above it."""
        for name, inner in sorted(node.inside.items()):
            width = WIDTH * inner.count / self.total
            if width >= NARROWEST:
                self._box(f"{name}: {100 * inner.count / self.total:.1f} %", name, left, level, width)
                self._place(inner, left, level + 1)
            left += width

    def _box(self, title: str, name: str, left: float, level: int, width: float) -> None:
        top = self.height - (level + 2) * ROW
        letters = int((width - 4) / LETTER)
        said = name if len(name) <= letters else name.partition(" ")[0][:letters]
        label = f'<text x="{left + 3:.1f}" y="{top + 13}">{escape(said)}</text>' if letters > 2 else ""
        box = f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - 1}" fill="{_colour(name)}"/>'
        self.boxes.append(f"<g><title>{escape(title)}</title>{box}{label}</g>")

    def legend(self) -> list[str]:
        parts, left = [], 3.0
        for _, colour, said in (*COLOURS, ("", OTHER, "other")):
            parts.append(f'<rect x="{left:.0f}" y="{self.height - 14}" width="11" height="11" fill="{colour}"/>')
            parts.append(f'<text x="{left + 15:.0f}" y="{self.height - 4}">{said}</text>')
            left += 30 + LETTER * len(said)
        return parts


def _colour(name: str) -> str:
    return next((colour for part, colour, _ in COLOURS if f"({part}" in name), OTHER)
