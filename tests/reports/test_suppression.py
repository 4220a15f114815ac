"""Small counts that are left out cannot be worked out from what is printed: shown by trying every table there is."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.reports.counting.suppression import Grid, column_totals, grid_of, left_out, told_exactly
from integration.reports.counting.tables import TOTAL, Counts
from integration.reports.document import LEFT_OUT, table_of


def counts_of(rows: list[list[int]]) -> Counts:
    names = [(f"r{at}", f"Row {at}") for at in range(len(rows))]
    columns = [(f"c{at}", f"Column {at}") for at in range(len(rows[0]))]
    cells = {(f"r{i}", f"c{j}"): value for i, row in enumerate(rows) for j, value in enumerate(row)}
    return Counts("x", "X", "Row", tuple(names), tuple(columns), cells)


def possible_values(grid: Grid, hidden: frozenset, most: int) -> dict:
    """Every value that each hidden cell has in some table that agrees with all that is printed.

    A reader knows that a hidden cell is at least 1. Tables up to ``most`` in a cell are tried, which is enough: one
    that differs by one cycle differs by 1 in each cell.
    """
    rows, columns = [r for r in grid.rows if r != TOTAL], [c for c in grid.columns if c != TOTAL]
    body = [(r, c) for r in rows for c in columns]
    choices = [range(1, most + 1) if cell in hidden else [grid.values[cell]] for cell in body]
    seen: dict = {cell: set() for cell in hidden}
    for chosen in product(*choices):
        table = dict(zip(body, chosen, strict=True))
        for r in rows:
            table[r, TOTAL] = sum(table[r, c] for c in columns)
        for c in (*columns, TOTAL):
            table[TOTAL, c] = sum(table[r, c] for r in rows)
        printed = all(table[cell] == value for cell, value in grid.values.items() if cell not in hidden)
        if printed and all(table[cell] >= 1 for cell in hidden):
            for cell in hidden:
                seen[cell].add(table[cell])
    return seen


@pytest.mark.parametrize(
    ("rows", "expected", "because"),
    [
        ([[1, 9], [9, 9]], {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}, "cells vary, totals stay"),
        (
            [[1], [9], [9]],
            {("r0", "c0"), ("r0", TOTAL), ("r1", "c0"), ("r1", TOTAL)},
            "one column: rows and their totals",
        ),
        ([[9, 1]], None, "the total below a small cell is small, too"),
        ([[9, 4], [9, 0]], None, "a column's total is small itself"),
    ],
)
def test_totals_that_stand_elsewhere_too_are_printed_or_nothing_is_when_tables_share_them(rows, expected, because):
    counts = counts_of(rows)
    assert left_out(counts, 5, column_totals(counts)) == expected, because


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=4), st.integers(3, 5))
def test_no_shared_total_is_left_out_and_nothing_is_told_when_tables_share_them(rows, below):
    counts = counts_of(rows)
    grid = grid_of(counts)
    hidden = left_out(counts, below, column_totals(counts))
    assert grid is not None
    if hidden is None:
        return
    assert not hidden & column_totals(counts)
    assert told_exactly(grid, hidden) == set()


SMALL = st.integers(0, 4)
TABLES = st.integers(1, 3).flatmap(
    lambda wide: st.lists(st.lists(SMALL, min_size=wide, max_size=wide), min_size=1, max_size=3 if wide < 3 else 2)
)


@settings(max_examples=150, deadline=None)
@given(TABLES, st.integers(3, 5))
def test_no_hidden_count_can_be_told_when_every_table_is_tried(rows, below):
    counts = counts_of(rows)
    grid = grid_of(counts)
    hidden = left_out(counts, below)
    assert grid is not None
    if hidden is None:
        return
    assert all(cell in hidden for cell, value in grid.values.items() if 0 < value < below)
    assert all(grid.values[cell] for cell in hidden)
    for cell, values in possible_values(grid, hidden, 6).items():
        assert len(values) > 1, cell


@settings(max_examples=150, deadline=None)
@given(TABLES, st.data())
def test_the_network_tells_exactly_what_trying_every_table_tells(rows, data):
    """Any set of hidden cells, also ones that nobody would choose: both ways agree."""
    grid = grid_of(counts_of(rows))
    assert grid is not None
    usable = sorted(cell for cell, value in grid.values.items() if value)
    hidden = frozenset(data.draw(st.sets(st.sampled_from(usable)))) if usable else frozenset()
    tried = {cell for cell, values in possible_values(grid, hidden, 6).items() if len(values) == 1}
    assert told_exactly(grid, hidden) == tried


@pytest.mark.parametrize(
    ("rows", "hidden", "because"),
    [
        ([[0, 0], [0, 0]], set(), "zeros are printed"),
        ([[9, 8], [7, 6]], set(), "nothing is small"),
        ([[1, 9], [9, 9]], {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}, "one alone is told by its row"),
        ([[2, 9, 9], [9, 6, 9]], {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}, "the smallest go with it"),
    ],
)
def test_cells_are_left_out_when(rows, hidden, because):
    assert left_out(counts_of(rows), 5) == hidden, because


def test_the_naive_way_is_caught_when_only_small_cells_are_left_out():
    grid = grid_of(counts_of([[1, 9], [9, 9]]))
    assert grid is not None
    assert told_exactly(grid, {("r0", "c0")}) == {("r0", "c0")}


def test_a_threshold_that_protects_nobody_is_refused():
    with pytest.raises(ValueError, match="protects nobody"):
        left_out(counts_of([[1]]), 2)


def test_everything_is_left_out_when_a_part_is_not_recorded():
    counts = counts_of([[1, 2], [3, 4]])
    holed = Counts("x", "X", "Row", counts.rows, counts.columns, {**counts.cells, ("r0", "c0"): None})
    table = table_of(holed, suppress_below=5)
    assert not any(isinstance(cell, int) for row in table.rows for cell in row)


def test_a_page_says_what_was_left_out_and_totals_add_up_when_counts_are_small():
    plain, public = table_of(counts_of([[1, 9], [9, 9]])), table_of(counts_of([[1, 9], [9, 9]]), suppress_below=5)
    assert plain.rows[-1] == ("Total", 10, 18, 28)
    assert LEFT_OUT in public.rows[0]
    assert "left out" in public.note
