"""What crosses a boundary: strict models of every event, entry and output. Imports nothing of ours.

The meaning of each type and field is fixed by the event contract (docs/events.md); these models enforce its form.
"""
