"""What a dry run tells: which columns are used, which codes are not listed, which rules never fired."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from connectors.mapping.model import EventForm, MappingFile, ValueForm, fold
from connectors.mapping.record import Data, leaves, text_of
from connectors.mapping.result import Note, Refusal


@dataclass(slots=True)
class Coverage:
    """Counts over all records of a dry run. Of codes it keeps the texts: it is for the integrator's screen only."""

    mapping: MappingFile
    records: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    """Each column seen, with the number of records in which it said something."""
    rules: Counter[str] = field(default_factory=Counter)
    codes: defaultdict[str, Counter[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    values: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Of columns that rules compare with lists (``in``): the values that no list has."""
    _listed: dict[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Find the columns whose values are listed."""
        self._listed = listed_values(self.mapping)

    def record(self, data: Data, refusals: list[Refusal], notes: list[Note]) -> None:
        """Count a record."""
        self.records += 1
        self.reasons.update(refusal.reason.value for refusal in refusals)
        self.notes.update(note.code.value for note in notes)
        for path, value in leaves(data):
            text = text_of(value)
            says_something = text.casefold() not in self.mapping.nothing
            self.columns[path] += says_something
            if says_something and path in self._listed and fold(text) not in self._listed[path]:
                self.values[path][text] += 1

    def fired(self, rule: str) -> None:
        """Count an event of a rule."""
        self.rules[rule] += 1

    def code(self, table: str, text: str, *, known: bool) -> None:
        """Count a code."""
        self.codes[table][text, known] += 1

    def used(self) -> frozenset[str]:
        """Return the columns that the mapping reads, as the records name them."""
        return frozenset(columns_of(self.mapping))

    def report(self) -> dict[str, Any]:
        """Return everything, for a program or a table."""
        used = self.used()
        return {
            "records": self.records,
            "columns_used": {name: self.columns[name] for name in sorted(self.columns) if name in used},
            "columns_unused": {name: self.columns[name] for name in sorted(self.columns) if name not in used},
            "columns_missing": sorted(used - set(self.columns)),
            "rules": {rule.name: self.rules[rule.name] for rule in self.mapping.events},
            "codes_unmapped": {
                table: {text: count for (text, known), count in sorted(counts.items()) if not known}
                for table, counts in sorted(self.codes.items())
                if any(not known for _, known in counts)
            },
            "values_unmatched": {name: dict(sorted(counts.items())) for name, counts in sorted(self.values.items())},
            "refused_by_reason": dict(sorted(self.reasons.items())),
            "notes": dict(sorted(self.notes.items())),
        }


def listed_values(mapping: MappingFile) -> dict[str, frozenset[str]]:
    """Return the columns that rules compare with lists, each with all values that any of them lists, folded.

    A column that a rule reads in another way, too (all but some, by words, by a table), leaves nothing over.
    """
    found: dict[str, set[str]] = {}
    elsewhere: set[str] = set()
    for rule in mapping.events:
        for condition in rule.where:
            name = _path(rule, condition.column)
            if condition.in_ is not None:
                found.setdefault(name, set()).update(fold(text_of(value)) for value in condition.in_)
            elif condition.empty is None:
                elsewhere.add(name)
        elsewhere |= {
            _path(rule, column) for value in _values(rule) if value.table is not None for column in value.sources
        }
    return {name: frozenset(values) for name, values in found.items() if name not in elsewhere}


def columns_of(mapping: MappingFile) -> list[str]:
    """Return every column that a mapping reads; what lies in lists is written ``list[].name``."""
    form = mapping.record
    found = [form.booking, *form.key, *(each for each in (form.observed, form.person) if each)]
    found += [column for rule in mapping.events for column in read_by(rule)]
    return list(dict.fromkeys(found))


def read_by(rule: EventForm) -> list[str]:
    """Return the columns that one rule reads, as `columns_of` writes them."""
    columns = [column for value in _values(rule) for column in value.sources]
    columns += [condition.column for condition in rule.where] + rule.watch
    return [_path(rule, column) for column in columns]


def _values(rule: EventForm) -> list[ValueForm]:
    values = [rule.time, rule.recorded, rule.id, rule.booking, *rule.data.values()]
    return [value for value in values if value is not None]


def _path(rule: EventForm, column: str) -> str:
    if column.startswith("^"):
        return column[1:]
    return f"{rule.each}[].{column}" if rule.each else column
