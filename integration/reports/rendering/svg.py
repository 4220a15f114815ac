"""Plots as SVG: bars and lines of a few numbers.

Written here and not with matplotlib: it would bring numpy and tens of megabytes for two kinds of picture, and bytes
that change with its version. Series differ by shade and by pattern, so that a grey print can be read.
"""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final

from integration.reports.document import Plot, Shape

_WIDTH: Final = 720
_HEIGHT: Final = 300
_LEFT: Final = 56
_RIGHT: Final = 12
_TOP: Final = 40
_BOTTOM: Final = 64
_INNER_WIDTH: Final = _WIDTH - _LEFT - _RIGHT
_INNER_HEIGHT: Final = _HEIGHT - _TOP - _BOTTOM
_STYLES: Final = (("#1b4f72", ""), ("#d98c1f", "7 4"), ("#4d7c4d", "2 3"))
"""Colour, and the dashes of a line."""
_TICKS: Final = 4
_MOST_LABELS: Final = 24
_ROOM: Final = 8
"""More labels than that are turned."""


def svg(plot: Plot) -> str:
    """Draw a plot."""
    top = _ceiling(max((value for values in plot.series.values() for value in values), default=0.0))
    drawn = [*_axis(plot, top), *_labels(plot.labels), *_legend(tuple(plot.series))]
    draw = _bars if plot.shape is Shape.BARS else _lines
    for number, values in enumerate(plot.series.values()):
        drawn += draw(values, number, len(plot.series), top)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'role="img" font-family="DejaVu Sans, Liberation Sans, sans-serif" font-size="11">'
        f"<title>{escape(plot.title)}</title><desc>{escape(plot.description)}</desc>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>' + "".join(drawn) + "</svg>"
    )


def _ceiling(most: float) -> float:
    """Return a round number that is not below ``most``."""
    if most <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(most))
    return float(next(step * unit for step in (1, 2, 2.5, 4, 5, 8, 10) if step * unit >= most))


def _number(value: float) -> str:
    """Write a coordinate or a tick: short, and the same everywhere."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _y(value: float, top: float) -> float:
    return _TOP + _INNER_HEIGHT * (1 - value / top)


def _text(x: float, y: float, said: str, *, anchor: str, turned: bool = False) -> str:
    turn = f' transform="rotate(-30 {_number(x)} {_number(y)})"' if turned else ""
    return f'<text x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}" fill="#222"{turn}>{escape(said)}</text>'


def _axis(plot: Plot, top: float) -> list[str]:
    drawn = [_text(_LEFT, 14, f"{plot.title} ({plot.unit})", anchor="start")]
    for tick in range(_TICKS + 1):
        value = top * tick / _TICKS
        y = _number(_y(value, top))
        drawn.append(f'<path d="M{_LEFT} {y}H{_WIDTH - _RIGHT}" stroke="{"#222" if tick == 0 else "#ccc"}"/>')
        drawn.append(_text(_LEFT - 6, _y(value, top) + 4, _number(value), anchor="end"))
    return drawn


def _labels(labels: Sequence[str]) -> list[str]:
    step, turned = _INNER_WIDTH / max(1, len(labels)), len(labels) > _ROOM
    every = ceil(len(labels) / _MOST_LABELS)
    return [
        _text(
            _LEFT + step * (at + 0.5),
            _TOP + _INNER_HEIGHT + 18,
            label,
            anchor="end" if turned else "middle",
            turned=turned,
        )
        for at, label in enumerate(labels)
        if at % every == 0
    ]


def _legend(names: Sequence[str]) -> list[str]:
    drawn, x = [], float(_LEFT)
    for number, name in enumerate(names):
        colour, _ = _STYLES[number % len(_STYLES)]
        drawn.append(f'<rect x="{_number(x)}" y="22" width="12" height="10" fill="{colour}"/>')
        drawn.append(_text(x + 17, 31, name, anchor="start"))
        x += 40 + 7 * len(name)
    return drawn


def _bars(values: Sequence[float], number: int, of: int, top: float) -> list[str]:
    step = _INNER_WIDTH / max(1, len(values))
    width = step * 0.8 / of
    colour, dashes = _STYLES[number % len(_STYLES)]
    edge = f' stroke="#222" stroke-dasharray="{dashes}"' if dashes else ""
    return [
        f'<rect x="{_number(_LEFT + step * (at + 0.1) + width * number)}" y="{_number(_y(value, top))}" '
        f'width="{_number(width)}" height="{_number(_TOP + _INNER_HEIGHT - _y(value, top))}" fill="{colour}"{edge}/>'
        for at, value in enumerate(values)
    ]


def _lines(values: Sequence[float], number: int, _of: int, top: float) -> list[str]:
    step = _INNER_WIDTH / max(1, len(values))
    points = [(_LEFT + step * (at + 0.5), _y(value, top)) for at, value in enumerate(values)]
    colour, dashes = _STYLES[number % len(_STYLES)]
    path = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
    dotted = f' stroke-dasharray="{dashes}"' if dashes else ""
    dots = [f'<circle cx="{_number(x)}" cy="{_number(y)}" r="3" fill="{colour}"/>' for x, y in points]
    return [f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dotted}/>', *dots] if points else []
