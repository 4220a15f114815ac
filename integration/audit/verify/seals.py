"""Whether every entry without a body was sealed by an entry that says so."""

from dataclasses import dataclass, field

from integration.audit.verify.model import Problems, What


@dataclass(slots=True)
class Seals:
    """Sealed rows, and the sealing entries that name them."""

    sealed: set[int] = field(default_factory=set)
    named: dict[int, int] = field(default_factory=dict)

    def name(self, target: int, by: int, problems: Problems) -> None:
        """Take a sealing entry: entry ``by`` seals leaf ``target``."""
        if target >= by:
            problems.add(What.SEALS_NOTHING, by, f"it seals entry {target}, which did not exist yet")
        else:
            self.named.setdefault(target, by)

    def copy(self) -> "Seals":
        """Return an independent copy."""
        return Seals(self.sealed.copy(), self.named.copy())

    def report(self, anchored: int, problems: Problems) -> list[str]:
        """Match both sides; return notes on sealings that no checkpoint covers yet."""
        notes = []
        for index in sorted(self.sealed):
            by = self.named.get(index)
            if by is None:
                problems.add(What.SEALED_WITHOUT_ENTRY, index, "salt and body are gone, and no entry seals it")
            elif by >= anchored:
                notes.append(f"entry {index} is sealed by entry {by}, which no checkpoint covers yet")
        for index in sorted(self.named.keys() - self.sealed):
            text = f"entry {self.named[index]} seals it, but its body is there"
            problems.add(What.SEALED_STILL_READABLE, index, text)
        return notes
