"""A `Document` in each format. The same document gives the same bytes."""
