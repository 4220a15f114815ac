"""Leaving small counts out of the public copy, so that no one can work them out from the totals.

A count from 1 to one below the threshold is left out (zeros are printed). Then more cells are left out until none of
them can be told exactly. Whether one can is decided exactly: the tables that agree with all printed cells are the flows
of a network (rows and columns are its nodes, cells that are left out its edges), so a cell can have another value
exactly if its edge lies on a cycle along which all cells can change (D. Gusfield, A graph theoretic approach to
statistical data security, SIAM J. Comput. 17 (1988) 552-571). A reader knows that what is left out is at least 1.
"""

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from typing import Final, NamedTuple

from integration.reports.counting.tables import TOTAL, Counts, Key

LEAST_THRESHOLD: Final = 3
"""With a threshold of 2 only ones would be left out, and each would be known to be 1."""
_MARGIN_COST: Final = 1000
"""Totals say most to a reader: other cells are left out before them."""

_Node = tuple[str, str]
"""("row" or "column", key)."""


class Grid(NamedTuple):
    """A table with its totals as cells like others."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Mapping[Key, int]


def column_totals(counts: Counts) -> frozenset[Key]:
    """Return the totals below a table's columns."""
    return frozenset((TOTAL, column) for column in (*(key for key, _ in counts.columns), TOTAL))


def grid_of(counts: Counts) -> Grid | None:
    """Return a table with its totals; None where a count is not recorded."""
    rows, columns = ((*(key for key, _ in keys), TOTAL) for keys in (counts.rows, counts.columns))
    values = {(row, column): counts.value(row, column) for row in rows for column in columns}
    if any(value is None for value in values.values()):
        return None
    return Grid(rows, columns, {key: value for key, value in values.items() if value is not None})


def left_out(counts: Counts, below: int, printed: frozenset[Key] = frozenset()) -> frozenset[Key] | None:
    """Return the cells and totals to leave out; None where the whole table has to be left out.

    Args:
        counts: the table.
        below: counts from 1 to one below this are small; 0 leaves nothing out.
        printed: cells that another table of the same report prints, too. They are never left out, so that each table
            is safe with the other one beside it; where one of them is small, the whole table is left out.

    Raises:
        ValueError: the threshold protects nobody.
    """
    if below == 0:
        return frozenset()
    if below < LEAST_THRESHOLD:
        raise ValueError(f"a threshold below {LEAST_THRESHOLD} protects nobody")
    grid = grid_of(counts)
    if grid is None:
        return None
    chosen = {key for key, value in grid.values.items() if 0 < value < below}
    if chosen & printed:
        return None
    while True:
        known = sorted(told_exactly(grid, chosen))
        if not known:
            return frozenset(chosen)
        path = _cheapest(grid, chosen, known[0], printed)
        if path is None:
            return None
        chosen |= path


def told_exactly(grid: Grid, chosen: Iterable[Key]) -> set[Key]:
    """Return those cells that are left out and can be told exactly all the same."""
    cells = set(chosen)
    arcs = _arcs(grid, cells)
    return {cell for cell in cells if not _on_cycle(cell, arcs)}


def _change(cell: Key) -> int:
    """Return which way a flow from row to column changes a cell: one total turns the sign, two turn it back."""
    return -1 if (cell[0] == TOTAL) != (cell[1] == TOTAL) else 1


def _ways(grid: Grid, cell: Key) -> list[tuple[_Node, _Node]]:
    """Return the directions in which a cell's edge can carry flow: growing always, shrinking while above 1."""
    row, column = ("row", cell[0]), ("column", cell[1])
    grow = (row, column) if _change(cell) > 0 else (column, row)
    return [grow, (grow[1], grow[0])] if grid.values[cell] > 1 else [grow]


def _arcs(grid: Grid, cells: Iterable[Key]) -> dict[_Node, set[tuple[_Node, Key]]]:
    arcs: dict[_Node, set[tuple[_Node, Key]]] = {}
    for cell in cells:
        for start, end in _ways(grid, cell):
            arcs.setdefault(start, set()).add((end, cell))
    return arcs


def _on_cycle(cell: Key, arcs: Mapping[_Node, set[tuple[_Node, Key]]]) -> bool:
    row, column = ("row", cell[0]), ("column", cell[1])
    for start, end in ((row, column), (column, row)):
        if (end, cell) not in arcs.get(start, ()):
            continue
        seen, waiting = {end}, [end]
        while waiting:
            for node, by in arcs.get(waiting.pop(), ()):
                if by != cell and node not in seen:
                    seen.add(node)
                    waiting.append(node)
        if start in seen:
            return True
    return False


def _cheapest(grid: Grid, chosen: set[Key], cell: Key, printed: frozenset[Key]) -> set[Key] | None:
    """Return the cells whose leaving out lets ``cell`` vary, at the least loss of information; None if none do."""
    usable = {key for key, value in grid.values.items() if value > 0} - printed
    arcs = _arcs(grid, usable)
    best: tuple[int, set[Key]] | None = None
    for start, end in _ways(grid, cell):
        # Back from the edge's end to its start, by other edges.
        found = _shortest(arcs, end, start, cell, lambda key: 0 if key in chosen else _cost(grid, key))
        if found is not None and (best is None or found[0] < best[0]):
            best = found
    return None if best is None else best[1]


def _cost(grid: Grid, key: Key) -> int:
    return grid.values[key] + (_MARGIN_COST if TOTAL in key else 1)


def _shortest(
    arcs: Mapping[_Node, set[tuple[_Node, Key]]], start: _Node, end: _Node, without: Key, cost: Callable[[Key], int]
) -> tuple[int, set[Key]] | None:
    """Dijkstra's; equal costs are decided by names, so that the same table always loses the same cells."""
    waiting: list[tuple[int, tuple[_Node, ...], tuple[Key, ...]]] = [(0, (start,), ())]
    done: set[_Node] = set()
    while waiting:
        spent, nodes, cells = heappop(waiting)
        node = nodes[-1]
        if node == end:
            return spent, set(cells)
        if node in done:
            continue
        done.add(node)
        for target, by in arcs.get(node, ()):
            if by != without and target not in done:
                heappush(waiting, (spent + cost(by), (*nodes, target), (*cells, by)))
    return None
