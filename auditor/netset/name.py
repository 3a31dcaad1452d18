"""Exact sets of DNS names."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, Final, NamedTuple

from auditor.netset.name_pattern import LETTERS, NamePattern, plain_name

_WIDE: Final = len(LETTERS) // 2


class NameSet:
    """Canonical list of included and excluded patterns, of which the most specific that matches decides.

    The universe is every string of labels over a-z, 0-9, `-`, `_` joined by single dots. Patterns form a tree
    (a suffix is nested in each shorter one), so any set built from patterns by `| & -` is such a list. What
    makes it canonical is said at `_canonical`.
    """

    __slots__ = ("_flags", "_hash", "_nodes")

    NONE: ClassVar[NameSet]
    ALL: ClassVar[NameSet]

    _nodes: tuple[_Node, ...]
    _flags: dict[tuple[str, bool], bool] | None
    _hash: int | None

    def __init__(self) -> None:
        """The empty set; see `of` for the others."""
        self._nodes = ()
        self._flags = None
        self._hash = None

    @classmethod
    def of(cls, *patterns: NamePattern | str) -> NameSet:
        """All names that match one of the patterns; a text is read by `NamePattern.parse`."""
        parsed = (NamePattern.parse(item) if isinstance(item, str) else item for item in patterns)
        keys = {(pattern.suffix[::-1], not pattern.wildcard) for pattern in parsed}
        return _make([_Node(reverse, exact, True) for reverse, exact in sorted(keys)])

    @classmethod
    def split(cls, pattern: NamePattern, cuts: Iterable[NamePattern]) -> tuple[NameSet, ...]:
        """The names of a pattern in the classes that the cuts tell apart, each once; cuts outside do not count.

        Patterns are nested or disjoint, so each class is a pattern less those directly nested in it.
        """
        inside = {(cut.suffix[::-1], not cut.wildcard) for cut in cuts if cut <= pattern}
        inside.add((pattern.suffix[::-1], not pattern.wildcard))
        below: dict[tuple[str, bool], list[_Node]] = {}
        enclosing: list[str] = []
        for reverse, exact in sorted(inside):
            while enclosing and not reverse.startswith(enclosing[-1]):
                enclosing.pop()
            if enclosing:
                below[enclosing[-1], False].append(_Node(reverse, exact, False))
            below[reverse, exact] = [_Node(reverse, exact, True)]
            if not exact:
                enclosing.append(reverse)
        return tuple(found for nodes in below.values() if (found := _make(nodes)))

    @classmethod
    def union_all(cls, sets: Iterable[NameSet]) -> NameSet:
        """The union of any number of sets, in pairs."""
        parts = list(sets)
        while len(parts) > 1:
            odd = parts[len(parts) & ~1 :]
            parts = [one | other for one, other in zip(parts[::2], parts[1::2], strict=False)] + odd
        return parts[0] if parts else NONE

    def roots(self) -> tuple[NamePattern, ...]:
        """The outermost patterns: every name of the set matches one of them."""
        found: list[_Node] = []
        for node in self._nodes:
            if not found or found[-1].exact or not node.reverse.startswith(found[-1].reverse):
                found.append(node)
        return tuple(node.pattern for node in found)

    def patterns(self) -> tuple[tuple[NamePattern, bool], ...]:
        """Each pattern and whether it is included, an enclosing one always before those nested in it."""
        return tuple((node.pattern, node.included) for node in self._nodes)

    def witness(self) -> str:
        """A name in the set, as short as its pattern allows; ValueError when empty."""
        if self._nodes and self._nodes[0].reverse == "" and _EXAMPLE in self:
            return _EXAMPLE
        for node in self._nodes:
            if node.included:
                return node.reverse[::-1] if node.exact else self._shortest_under(node.reverse)
        raise ValueError("an empty name set has no witness")

    def isdisjoint(self, other: NameSet) -> bool:
        """Whether no name is in both."""
        return not self & other

    def __contains__(self, name: str) -> bool:
        return self._decides(plain_name(name))

    def __or__(self, other: NameSet) -> NameSet:
        if not isinstance(other, NameSet):
            return NotImplemented
        return self._merged(other, lambda mine, theirs: mine or theirs)

    def __and__(self, other: NameSet) -> NameSet:
        if not isinstance(other, NameSet):
            return NotImplemented
        one, another = (self, other) if len(self._nodes) <= len(other._nodes) else (other, self)
        return one._merged(another._under(one), lambda mine, theirs: mine and theirs)

    def __sub__(self, other: NameSet) -> NameSet:
        if not isinstance(other, NameSet):
            return NotImplemented
        return self._merged(other._under(self), lambda mine, theirs: mine and not theirs)

    def __le__(self, other: NameSet) -> bool:
        if not isinstance(other, NameSet):
            return NotImplemented
        return self == other or not self - other

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NameSet):
            return NotImplemented
        return self._nodes == other._nodes

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(self._nodes)
        return self._hash

    def __reduce__(self) -> tuple[Callable[[list[_Node]], NameSet], tuple[list[_Node]]]:
        """Hashes of strings hold in one process only, so a copy starts without the cached one."""
        return _make, (list(self._nodes),)

    def __str__(self) -> str:
        """Such as `*.contoso.com except a.contoso.com; example.org`; nested exceptions stand in brackets."""
        return "; ".join(_texts(self._nodes)) or "none"

    def __repr__(self) -> str:
        return f"<NameSet {self}>"

    def _under(self, other: NameSet) -> NameSet:
        """What this set says of the names below the roots of a much smaller one; elsewhere it may say anything."""
        if len(self._nodes) < _MUCH * len(other._nodes):
            return self
        nodes: list[_Node] = []
        for root in other.roots():
            reverse = root.suffix[::-1]
            exact = not root.wildcard
            said = self._decides(root.suffix) if exact else self._says(root.suffix)
            nodes.append(_Node(reverse, exact, said))
            if not exact:
                start = bisect_left(self._nodes, (reverse,))
                stop = bisect_left(self._nodes, (reverse + _LAST,))
                nodes += (
                    node for node in self._nodes[start:stop] if (node.reverse, node.exact) != (reverse, False)
                )
        found = _new(NameSet)
        found._nodes = tuple(nodes)
        found._flags = None
        found._hash = None
        return found

    def _says(self, suffix: str) -> bool:
        """What the most specific pattern that encloses a suffix says of the names under it."""
        flags = self._by_pattern()
        for start in range(len(suffix) + 1):
            flag = flags.get((suffix[start:], False))
            if flag is not None:
                return flag
        return False

    def _by_pattern(self) -> dict[tuple[str, bool], bool]:
        if self._flags is None:
            self._flags = {(node.reverse[::-1], node.exact): node.included for node in self._nodes}
        return self._flags

    def _merged(self, other: NameSet, operator: Callable[[bool, bool], bool]) -> NameSet:
        """The operator applied to what both sets say of each name; it must keep nothing where both say no."""
        if not other._nodes:
            return self if operator(True, False) else NONE
        if not self._nodes:
            return other if operator(False, True) else NONE
        nodes: list[_Node] = []
        enclosing: list[tuple[_Node, bool, bool]] = []
        mine = {(node.reverse, node.exact): node.included for node in self._nodes}
        theirs = {(node.reverse, node.exact): node.included for node in other._nodes}
        for reverse, exact in sorted(mine.keys() | theirs.keys()):
            while enclosing and not reverse.startswith(enclosing[-1][0].reverse):
                enclosing.pop()
            _, in_mine, in_theirs = enclosing[-1] if enclosing else (None, False, False)
            in_mine = mine.get((reverse, exact), in_mine)
            in_theirs = theirs.get((reverse, exact), in_theirs)
            node = _Node(reverse, exact, operator(in_mine, in_theirs))
            nodes.append(node)
            if not exact:
                enclosing.append((node, in_mine, in_theirs))
        return _make(nodes)

    def _decides(self, name: str) -> bool:
        """What the most specific pattern says of a name, or no."""
        flag = self._by_pattern().get((name, True))
        return self._says(name) if flag is None else flag

    def _shortest_under(self, reverse: str) -> str:
        """A shortest name in the set among those that end in an included suffix."""
        reverses = [node.reverse for node in self._nodes]
        queue = deque([reverse])
        while queue:
            place = queue.popleft()
            suffix = place[::-1]
            if _is_name(place) and self._decides(suffix):
                return suffix
            index = bisect_right(reverses, place)
            if index < len(reverses) and reverses[index].startswith(place):
                queue.extend(place + letter for letter in _next_letters(place))
            elif self._decides(f"a{suffix}"):
                # Without a pattern further down, all longer names are alike, so one of them is enough.
                queue.append(f"{place}a")
        raise AssertionError(f"no name under {reverse[::-1]!r}: the suffix should not have been included")


class _Node(NamedTuple):
    """A pattern by its reversed suffix, so that sorting puts it before those nested in it."""

    reverse: str
    exact: bool
    included: bool

    @property
    def pattern(self) -> NamePattern:
        return NamePattern(self.reverse[::-1], not self.exact)


_MUCH: Final = 8
"""So many times as many patterns make it pay to look at those alone that the smaller set can meet."""
_LAST: Final = "\x7f"
"""After every character of a name."""
_EXAMPLE: Final = "example.com"
_new = object.__new__


def _make(nodes: list[_Node]) -> NameSet:
    """The set of sorted nodes, not two of which speak of the same pattern."""
    made = _new(NameSet)
    made._nodes = tuple(_canonical(nodes))
    made._flags = None
    made._hash = None
    return made


def _is_name(place: str) -> bool:
    """Whether a reversed suffix is a whole name: not the empty one, and not one that begins with a dot."""
    return place != "" and place[-1] != "."


def _next_letters(place: str) -> str:
    """The characters that can stand before a suffix: no dot before nothing or before another dot."""
    return LETTERS + "." if _is_name(place) else LETTERS


def _canonical(nodes: list[_Node]) -> list[_Node]:
    """The one list of nodes for the set that these sorted nodes describe.

    Dropping a node that repeats its enclosing one is not enough: the 38 patterns from `*-com` to `*zcom` with
    `*.com` and `com` are all of `*com`. So each suffix has a flag that depends on the set alone: if all names
    under it are alike, theirs, else that of the majority of the suffixes one character longer (excluded when
    they are even). A suffix is listed if its flag differs from that of the suffix one character shorter.
    """
    flag, below = _settled(nodes, 0, len(nodes), "", False)
    return [_Node("", False, True), *below] if flag else below


_Settled = tuple[bool, list[_Node]]
"""The flag of a suffix, and the nodes to list below it."""


def _settled(nodes: list[_Node], start: int, stop: int, place: str, rest: bool) -> _Settled:
    """A suffix settled, from the nodes at and below it and the flag of the pattern that encloses them."""
    if start < stop and nodes[start].reverse == place and not nodes[start].exact:
        rest = nodes[start].included
        start += 1
    if stop - start < _WIDE:
        return rest, _without_repeats(nodes[start:stop], rest)
    result: list[_Node] = []
    exact = rest
    if nodes[start].reverse == place:
        exact = nodes[start].included
        start += 1
    parts: dict[str, _Settled] = {}
    while start < stop:
        letter = nodes[start].reverse[len(place)]
        end = bisect_right(nodes, letter, start, stop, key=lambda node: node.reverse[len(place)])
        parts[letter] = _settled_part(nodes, start, end, place + letter, rest)
        start = end
    flag = rest
    letters = _next_letters(place)
    if 2 * len(parts) >= len(letters):
        unlisted = len(letters) - len(parts)
        included = sum(flag_of_part for flag_of_part, _ in parts.values()) + rest * unlisted
        flag = 2 * included > len(letters)
    if exact is not flag and _is_name(place):
        result.append(_Node(place, True, exact))
    for letter in parts if flag is rest else sorted(letters):
        flag_of_part, below = parts.get(letter, (rest, []))
        if flag_of_part is not flag:
            result.append(_Node(place + letter, False, flag_of_part))
        result += below
    return flag, result


def _without_repeats(nodes: list[_Node], rest: bool) -> list[_Node]:
    """The nodes that differ from what encloses them: enough where too few nodes stand to outvote a rest."""
    result: list[_Node] = []
    enclosing: list[_Node] = []
    for node in nodes:
        while enclosing and not node.reverse.startswith(enclosing[-1].reverse):
            enclosing.pop()
        if node.included is not (enclosing[-1].included if enclosing else rest):
            result.append(node)
        if not node.exact:
            enclosing.append(node)
    return result


def _settled_part(nodes: list[_Node], start: int, stop: int, place: str, rest: bool) -> _Settled:
    """What `_settled` answers, skipping the suffixes at which the nodes do not part yet."""
    deeper = _common_start(nodes[start].reverse, nodes[stop - 1].reverse)
    flag, below = _settled(nodes, start, stop, deeper, rest)
    if deeper == place:
        return flag, below
    # One of at least 38 longer suffixes leads on from here, so the majority has the flag of the rest.
    return rest, below if flag is rest else [_Node(deeper, False, flag), *below]


def _common_start(one: str, other: str) -> str:
    """The longest text that both begin with."""
    for index, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return one[:index]
    return min(one, other, key=len)


def _texts(nodes: tuple[_Node, ...]) -> Iterator[str]:
    """The printed form of each outermost pattern."""
    index = 0
    while index < len(nodes):
        text, index = _text_at(nodes, index, outermost=True)
        yield text


def _text_at(nodes: tuple[_Node, ...], index: int, *, outermost: bool) -> tuple[str, int]:
    """The printed form of a pattern with those nested in it, and the index after them."""
    node = nodes[index]
    index += 1
    inner: list[str] = []
    while index < len(nodes) and not node.exact and nodes[index].reverse.startswith(node.reverse):
        text, index = _text_at(nodes, index, outermost=False)
        inner.append(text)
    if not inner:
        return str(node.pattern), index
    word = "except" if node.included else "but"
    nested = f"{word} {', '.join(inner)}"
    return f"{node.pattern} {nested}" if outermost else f"{node.pattern} ({nested})", index


NONE: Final[NameSet] = NameSet()
ALL: Final[NameSet] = NameSet.of("*")
NameSet.NONE = NONE
NameSet.ALL = ALL
