"""A typed, case-insensitive reader over one JSON object; nothing in it ever raises.

Property names compare without case (design: snapshot). A nested `properties` and az's flattened form read the
same. A value of the wrong type is noted as a flaw of the record and reads as absent; so is a property about
which two copies disagree. `null` and absent are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.model.documents.forms import canonical_address, is_ports, is_prefix, is_term, members
from auditor.model.documents.notes import ENUM_UNKNOWN, INCONSISTENT, NOT_SUCCEEDED, Notes
from auditor.model.merge import element_key, join_path, member
from auditor.model.resource_id import ResourceId
from auditor.netset.name_pattern import plain_name

_HUGE = 1 << 53


class Fields:
    """One JSON object; `path` is where it stands in its document."""

    __slots__ = ("_clashes", "_values", "notes", "path", "present", "unclear")

    def __init__(
        self, body: Mapping[str, Any] | None, notes: Notes, path: str = "", *, unclear: bool = False
    ) -> None:
        """`unclear`: something stands where the object should, and nobody can tell what it says."""
        self.notes = notes
        self.path = path
        self.present = body is not None
        self.unclear = unclear
        self._values, self._clashes = members(body) if body else ({}, set())

    def path_of(self, name: str) -> str:
        """The full path of a property."""
        return join_path(self.path, name)

    def raw(self, name: str) -> Any:
        """The value as it stands, None when absent; disagreements about it are noted."""
        lowered = name.lower()
        if self.notes.conflicts:
            self.notes.touch(self.path_of(lowered))
        if lowered in self._clashes:
            self.notes.add(
                INCONSISTENT, f"{self.path_of(name)}: written twice with different case and different values"
            )
        return self._values.get(lowered)

    def has(self, name: str) -> bool:
        """Whether the property is there and holds something."""
        return self.raw(name) not in (None, "", [], {})

    def names(self) -> tuple[str, ...]:
        """The names of all properties, in lower case."""
        return tuple(self._values)

    # -- scalars -----------------------------------------------------------------------------------------

    def text(self, name: str) -> str | None:
        """A text without surrounding blanks; None when absent or empty."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.notes.wrong(self.path_of(name), "a text", value)
            return None
        return value.strip() or None

    def host(self, name: str) -> str | None:
        """A DNS name; None where it is absent, or noted as a flaw where no name looks like that."""
        value = self.text(name)
        if value is None:
            return None
        try:
            plain_name(value)
        except ValueError:
            self.notes.wrong(self.path_of(name), "a DNS name", value)
            return None
        return value

    def lower(self, name: str, default: str = "") -> str:
        """A text in lower case, for values that compare without case (ARM-2)."""
        return (self.text(name) or default).lower()

    def enum(self, name: str, known: frozenset[str], default: str) -> str:
        """One of the `known` values in lower case; any other is kept and noted (V-6)."""
        value = self.lower(name, default)
        if value not in known:
            self.notes.wrong(self.path_of(name), "one of " + ", ".join(sorted(known)), value)
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean, or None when absent."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return value
        self.notes.wrong(self.path_of(name), "true or false", value)
        return None

    def on(self, name: str) -> bool:
        """Whether a boolean is true; absent is Azure's null and reads as false."""
        return self.flag(name) is True

    def switch(self, name: str, *, default: bool = False) -> bool | None:
        """A boolean that is `default` when absent; None where what stands there is not known (V-6)."""
        value = self.flag(name)
        if self._is_open(name) or (value is None and self.raw(name) is not None):
            return None
        return default if value is None else value

    def choice(self, name: str, known: frozenset[str], default: str) -> str | None:
        """One of the `known` values in lower case, `default` when absent; None where it is not known (ARM-2, V-6)."""
        value = self.enum(name, known, default)
        wrong = self.raw(name) is not None and not isinstance(self.raw(name), str)
        return None if wrong or value not in known or self._is_open(name) else value

    def _is_open(self, name: str) -> bool:
        """Whether copies or spellings disagree about a property, or the object that should hold it is not one."""
        lowered = name.lower()
        return self.unclear or lowered in self._clashes or self.path_of(lowered) in self.notes.conflicts

    def integer(self, name: str) -> int | None:
        """A whole number, or None when absent."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _HUGE:
            self.notes.wrong(self.path_of(name), "a whole number", value)
            return None
        return value

    def required_integer(self, name: str) -> int:
        """A whole number; its absence is noted and reads as 0."""
        if self.raw(name) is None:
            self.notes.wrong(self.path_of(name), "a whole number", None)
        return self.integer(name) or 0

    def address(self, name: str) -> str | None:
        """One IP address in canonical spelling, so that equal addresses are equal texts."""
        value = self.text(name)
        return None if value is None else self._address(self.path_of(name), value)

    def addresses(self, name: str) -> tuple[str, ...]:
        """A list of IP addresses in canonical spelling."""
        found = (self._address(self.path_of(name), text) for text in self.texts(name))
        return tuple(address for address in found if address is not None)

    def _address(self, path: str, value: str) -> str | None:
        address = canonical_address(value)
        if address is None:
            self.notes.wrong(path, "an IP address", value)
        return address

    # -- lists of texts ----------------------------------------------------------------------------------

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; absent reads as empty, an element of another type is noted and left out."""
        values = self._list(name)
        if not values:
            return ()
        found: list[str] = []
        for index, value in enumerate(values):
            if not isinstance(value, str):
                self.notes.wrong(f"{self.path_of(name)}[{index}]", "a text", value)
            elif value.strip():
                found.append(value.strip())
        return tuple(found)

    def both(self, singular: str, plural: str) -> tuple[str, ...]:
        """The union of a property's singular and plural form, each text once (NSG-13, NSG-15)."""
        one = self.text(singular)
        many = self.texts(plural)
        return tuple(dict.fromkeys((one, *many) if one is not None else many))

    def prefixes(self, *names: str) -> tuple[str, ...]:
        """The union of address lists in which everything must be an address, a CIDR or a range."""
        return tuple(text for name in names for text in self.texts(name) if self.is_prefix(name, text))

    def terms(self, name: str) -> tuple[str, ...]:
        """A list of addresses and tags; what is neither is noted and left out."""
        return tuple(text for text in self.texts(name) if self.is_term(name, text))

    def is_term(self, name: str, text: str) -> bool:
        """Whether `text` is `*`, a tag name or a well-formed address; a malformed address is noted."""
        return is_term(text) or self.is_prefix(name, text)

    def is_prefix(self, name: str, text: str) -> bool:
        """Whether `text` is an address, a CIDR or a range; if not, that is noted."""
        if not is_prefix(text):
            self.notes.wrong(self.path_of(name), "an address, a CIDR or a range", text)
            return False
        return True

    def ports(self, name: str, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `texts` that are ports, `a-b` or `*`; the others are noted (NSG-13, FW-37)."""
        wrong = [text for text in texts if not is_ports(text)]
        for text in wrong:
            self.notes.wrong(self.path_of(name), "a port, a range of ports or '*'", text)
        return tuple(text for text in texts if text not in wrong) if wrong else texts

    # -- references and objects --------------------------------------------------------------------------

    def ref(self, name: str) -> ResourceId | None:
        """A reference `{"id": ...}`; az and some schemas write the id itself, which reads the same.

        One that says anything but an id refers to something that nobody can tell, which is noted.
        """
        value = self.raw(name)
        if isinstance(value, str) or value is None:
            text = self.text(name)
            return None if text is None else ResourceId(text)
        if not isinstance(value, dict):
            self.notes.wrong(self.path_of(name), "a reference", value)
            return None
        found = self.object(name).own_id()
        if found is None and value and isinstance(identity := member(value, "id"), str | None):
            self.notes.wrong(f"{self.path_of(name)}.id", "a reference", identity)
        return found

    def own_id(self) -> ResourceId | None:
        """The object's own `id`."""
        text = self.text("id")
        return None if text is None else ResourceId(text)

    def refs(self, name: str) -> tuple[ResourceId, ...]:
        """A list of references, each once."""
        found: list[ResourceId] = []
        for index, value in enumerate(self._list(name)):
            path = f"{self.path_of(name)}[{element_key(value) or index}]"
            self.notes.touch(path)
            item = member(value, "id") if isinstance(value, dict) else value
            if not isinstance(item, str) or not item.strip():
                self.notes.wrong(path, "a reference", value)
            else:
                found.append(ResourceId(item))
        return tuple(dict.fromkeys(found))

    def object(self, name: str) -> Fields:
        """A member object; an empty one, with `present` false, when absent."""
        value = self.raw(name)
        unclear = self._is_open(name)
        if value is not None and not isinstance(value, dict):
            self.notes.wrong(self.path_of(name), "an object", value)
            value, unclear = None, True
        return Fields(value, self.notes, self.path_of(name), unclear=unclear)

    def objects(self, name: str) -> tuple[Fields, ...]:
        """A list of objects."""
        found = self.elements(name)
        for path, _ in found:
            self.notes.touch(path)
        return tuple(Fields(item, self.notes, path) for path, item in found)

    def elements(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """The objects of a list with the path of each; nothing is noted about their presence."""
        found: list[tuple[str, dict[str, Any]]] = []
        for index, value in enumerate(self._list(name)):
            path = f"{self.path_of(name)}[{element_key(value) or index}]"
            if isinstance(value, dict):
                found.append((path, value))
            else:
                self.notes.wrong(path, "an object", value)
        return found

    def _list(self, name: str) -> list[Any]:
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.notes.wrong(self.path_of(name), "a list", value)
            return []
        return value

    # -- state -------------------------------------------------------------------------------------------

    def need_success(self) -> None:
        """Note a `provisioningState` other than Succeeded: what is in force is not known (V-6, FW-47)."""
        state = self.unsettled()
        if state:
            self.notes.add(NOT_SUCCEEDED, f"{self.path_of('provisioningState')} is {state}")

    def unsettled(self) -> str:
        """A `provisioningState` other than Succeeded as written, else empty: many children have none at all (V-6)."""
        state = self.text("provisioningState")
        return "" if state is None or state.lower() == "succeeded" else state

    def unknown(self, name: str, reason: str) -> None:
        """Note a property that is set and whose meaning is not known (V-6)."""
        if self.has(name):
            self.notes.add(ENUM_UNKNOWN, f"{self.path_of(name)}: {reason}")

    def title(self, fallback: str = "") -> str:
        """The object's name: `name`, else the last segment of its id, else `fallback`."""
        own = self._values.get("name")
        if isinstance(own, str) and own.strip():
            return own.strip()
        key = self._values.get("id")
        return ResourceId(key).name if isinstance(key, str) and key.strip("/ ") else fallback
