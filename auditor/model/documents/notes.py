"""What reading a document brings to light: flaws, collected beside the record that is being made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.model.gap import Flaw
from auditor.model.merge import show

INCONSISTENT = "snapshot-inconsistent"
NOT_SUCCEEDED = "not-succeeded"
ENUM_UNKNOWN = "enum-unknown"
_MOST = 20


@dataclass(slots=True)
class Notes:
    """The flaws of one record, and the disagreements between copies that reading may run into."""

    subject: str
    """Name of the resource, for sentences."""
    place: str
    conflicts: Mapping[str, str]
    flaws: list[Flaw] = field(default_factory=list)

    def add(self, code: str, detail: str) -> None:
        """Note a flaw once; a hostile document does not get more than 20, but one of each code in any case."""
        self._keep(Flaw(code, f"{detail} ({self.subject}, {self.place})"))

    def wrong(self, path: str, expected: str, value: object) -> None:
        """Note that a property has a value of the wrong type, or one that nobody knows (ARM-2, V-6)."""
        self.add(ENUM_UNKNOWN, f"{path}: expected {expected}, found {show(value)}")

    def touch(self, path: str) -> None:
        """Note the disagreement about `path`, if there is one, because the property is being read."""
        if self.conflicts and path in self.conflicts:
            self.add(INCONSISTENT, self.conflicts[path])

    def fork(self) -> Notes:
        """Notes of a child that is a record of its own: same disagreements, flaws of its own."""
        return Notes(self.subject, self.place, self.conflicts)

    def absorb(self, flaws: list[Flaw] | tuple[Flaw, ...]) -> None:
        """Take over the flaws of a child that has no record of its own."""
        for flaw in flaws:
            self._keep(flaw)

    def _keep(self, flaw: Flaw) -> None:
        # What else is wrong with the document must not hide that it is in doubt altogether.
        room = len(self.flaws) < _MOST or all(known.code != flaw.code for known in self.flaws)
        if room and flaw not in self.flaws:
            self.flaws.append(flaw)
