"""Name patterns after clause FW-26, and name sets against plain sets of short names."""

from __future__ import annotations

import pickle
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.netset import NamePattern, NameSet

quick = settings(max_examples=100, deadline=None)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_"

MATCHES = [
    ("*.contoso.com", "a.contoso.com", True),
    ("*.contoso.com", "a.b.contoso.com", True),
    ("*.contoso.com", "contoso.com", False),
    ("*.contoso.com", "evilcontoso.com", False),
    ("*contoso.com", "contoso.com", True),
    ("*contoso.com", "evilcontoso.com", True),
    ("*contoso.com", "a.contoso.com", True),
    ("*contoso.com", "contoso.com.evil", False),
    ("contoso.com", "contoso.com", True),
    ("contoso.com", "a.contoso.com", False),
    ("*", "com", True),
    ("*", "a.b.c", True),
    ("*.Contoso.COM.", "A.contoso.com.", True),
    ("_dmarc.contoso.com", "_DMARC.contoso.com", True),
    ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de", True),
]


@pytest.mark.parametrize(("pattern", "name", "expected"), MATCHES)
def test_star_stands_for_any_string_in_front(pattern: str, name: str, expected: bool) -> None:
    """FW-26: `*` in front is any string, even empty, across labels; without it a name is only itself."""
    assert NamePattern.parse(pattern).matches(name) is expected
    assert (name in NameSet.of(pattern)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "*.",
        "**",
        "*.*",
        "www.contoso.*",
        "www.*contoso.com",
        "www*.contoso.com",
        ".contoso.com",
        "*..contoso.com",
        "a..b",
        "contoso.com..",
        "con toso.com",
        "https://contoso.com",
        "contoso.com/path",
        "contoso.com:443",
        "contoso.com\n",
        "a" * 254,
    ],
)
def test_other_patterns_are_refused_by_name(text: str) -> None:
    """A pattern that the vendor does not support is an error whose message shows the text."""
    with pytest.raises(ValueError, match="name pattern") as caught:
        NamePattern.parse(text)
    assert repr(text.removesuffix(".") or text) in str(caught.value) or repr(text) in str(caught.value)


def test_international_names_need_punycode() -> None:
    """A name outside ASCII is refused with what to write instead, even if lower case makes it ASCII."""
    for text in ("münchen.de", "*.münchen.de", "\u212aontoso.com"):
        with pytest.raises(ValueError, match="punycode"):
            NamePattern.parse(text)
    assert len(NamePattern.parse("a" * 253).suffix) == 253


@pytest.mark.parametrize("text", ["", ".", ".com", "a..b", "*.com", "a b", "münchen.de", "\u212aontoso.com"])
def test_what_is_not_a_name_is_an_error(text: str) -> None:
    """Asking about something that is not a name is an error, not a no."""
    with pytest.raises(ValueError, match="name"):
        NamePattern.parse("*").matches(text)
    with pytest.raises(ValueError, match="name"):
        _ = text in NameSet.ALL


def valid(text: str) -> bool:
    """Whether a text of the tiny alphabet is a name."""
    return all(text.split("."))


# A pattern of up to three characters over a, b and the dot cannot tell c from any letter but a and b, nor a
# fourth character from a fifth: two sets of such patterns are equal when they hold the same of these names.
NAMES = [
    name for length in range(1, 5) for name in map("".join, product("abc.", repeat=length)) if valid(name)
]
ENDS = [end for length in range(4) for end in map("".join, product("ab.", repeat=length)) if valid(f"c{end}")]
patterns = st.one_of(
    st.builds(NamePattern, st.sampled_from([end for end in ENDS if valid(end)]), st.just(False)),
    st.builds(NamePattern, st.sampled_from(ENDS), st.just(True)),
)


def read(names: NameSet) -> frozenset[str]:
    """Those of the short names that are in a set."""
    return frozenset(name for name in NAMES if name in names)


@cache
def matched(pattern: NamePattern) -> frozenset[str]:
    """Those of the short names that a pattern matches."""
    return frozenset(filter(pattern.matches, NAMES))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[NameSet, frozenset[str]]:
    """A name set put together by operators, with the short names that are in it."""
    result, model = NameSet.NONE, frozenset[str]()
    for pattern in draw(st.lists(patterns, max_size=4)):
        one, names = NameSet.of(pattern), matched(pattern)
        match draw(st.sampled_from("+-~")):
            case "-":
                result, model = result - one, model - names
            case "~":
                result, model = one - result, names - model
            case _:
                result, model = result | one, model | names
    return result, model


@quick
@given(patterns, patterns)
def test_patterns_are_nested_or_disjoint(one: NamePattern, other: NamePattern) -> None:
    """Two patterns contain each other and overlap as the names they match do, and never overlap in part."""
    first, second = matched(one), matched(other)
    assert (one <= other) is (first <= second and (other.wildcard or not one.wildcard))
    assert one.overlaps(other) is bool(first & second)
    assert not first & second or first <= second or second <= first
    assert NamePattern.parse(str(one)) == one


@quick
@given(pairs(), pairs())
def test_operators_agree_with_plain_sets(
    one: tuple[NameSet, frozenset[str]], other: tuple[NameSet, frozenset[str]]
) -> None:
    """Each operator keeps the names that plain sets keep, and equal names make equal values."""
    (left, first), (right, second) = one, other
    assert read(left) == first
    assert read(left | right) == first | second
    assert read(left & right) == first & second
    assert read(left - right) == first - second
    assert (left <= right) is (first <= second)
    assert left.isdisjoint(right) is first.isdisjoint(second)
    assert (left == right) is (first == second)
    assert bool(left) is bool(first)


@quick
@given(pairs(), pairs(), pairs())
def test_laws_of_sets_hold(
    one: tuple[NameSet, object], two: tuple[NameSet, object], three: tuple[NameSet, object]
) -> None:
    """Union and intersection commute and associate; complements in all names obey De Morgan."""
    a, b, c = one[0], two[0], three[0]
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert NameSet.ALL - (a | b) == (NameSet.ALL - a) & (NameSet.ALL - b)
    assert NameSet.ALL - (a & b) == (NameSet.ALL - a) | (NameSet.ALL - b)
    assert a - b == a & (NameSet.ALL - b)
    assert hash(a | b) == hash(b | a)


@quick
@given(pairs())
def test_printed_patterns_rebuild_the_set(one: tuple[NameSet, object]) -> None:
    """Including and excluding the listed patterns in order gives the same value; a copy is equal."""
    names = one[0]
    rebuilt = NameSet.NONE
    for pattern, included in names.patterns():
        rebuilt = rebuilt | NameSet.of(pattern) if included else rebuilt - NameSet.of(pattern)
    assert rebuilt == names
    assert pickle.loads(pickle.dumps(names)) == names  # noqa: S301  our own bytes


@quick
@given(pairs())
def test_witness_is_a_member(one: tuple[NameSet, object]) -> None:
    """A set that is not empty has a witness that is a name in it."""
    names = one[0]
    if names:
        assert names.witness() in names
    else:
        with pytest.raises(ValueError, match="no witness"):
            names.witness()


def parts(suffix: str) -> list[str]:
    """Patterns that are together all that end in a suffix, cut by what stands before it."""
    letters = LETTERS if suffix == "" or suffix.startswith(".") else LETTERS + "."
    return [f"*{letter}{suffix}" for letter in letters] + [suffix] * (letters != LETTERS)


@quick
@given(st.sampled_from(["", "com", ".com"]), st.data())
def test_all_parts_are_the_whole(suffix: str, data: st.DataObject) -> None:
    """A suffix and the patterns that share it out completely are one value, whichever are left out."""
    whole = parts(suffix)
    chosen = data.draw(st.frozensets(st.sampled_from(whole), min_size=1))
    deeper = data.draw(st.sampled_from(sorted(whole)))
    cut_again = [*(chosen - {deeper}), *(parts(deeper[1:]) if deeper.startswith("*") else [deeper])]
    left = NameSet.of(f"*{suffix}") - NameSet.of(*chosen)
    rest = NameSet.of(*(set(whole) - chosen))
    assert left == rest
    assert NameSet.of(*chosen) | rest == NameSet.of(f"*{suffix}")
    assert NameSet.of(*cut_again) == NameSet.of(*chosen) | NameSet.of(deeper)
    assert not rest or (rest.witness() in rest and rest.witness() not in NameSet.of(*chosen))


@pytest.mark.parametrize("count", [18, 19, 20, 37, 38])
def test_exceptions_under_every_letter(count: int) -> None:
    """However many single letters are left out, a longer name is found, and both roads give one value."""
    names = NameSet.of("*.com") - NameSet.of(*(f"{letter}.com" for letter in LETTERS[:count]))
    pieces = NameSet.of(*(f"*{letter}.com" for letter in LETTERS))
    assert pieces - NameSet.of(*(f"{letter}.com" for letter in LETTERS[:count])) == names
    assert names.witness() in names
    assert len(names.patterns()) == count + 1


@pytest.mark.parametrize("count", range(1, 38, 3))
@pytest.mark.parametrize("split", [0, 5, 20])
def test_the_majority_decides_whichever_way_a_set_is_made(count: int, split: int) -> None:
    """Parts put together, and parts taken away from the whole, are one value, also if some are cut again below."""
    held, left = LETTERS[:count], LETTERS[count:]
    cut_again = [f"{letter}{letter}.com" for letter in LETTERS[:split]]
    upwards = NameSet.of(*(f"*{letter}.com" for letter in held)) - NameSet.of(*cut_again)
    downwards = NameSet.of("*.com") - NameSet.of(*(f"*{letter}.com" for letter in left), *cut_again)
    assert upwards == downwards
    assert len(upwards.patterns()) == len(set(upwards.patterns()))


def test_excluded_under_included_parts() -> None:
    """Where every part of a suffix is left out again, nothing is left and there is no witness."""
    assert not NameSet.of("*.com") - NameSet.of(*(f"*{letter}.com" for letter in LETTERS))
    only_deeper = NameSet.of("*.com") - NameSet.of(
        *(f"{a}.com" for a in LETTERS), *(f"*{a}.com" for a in LETTERS[1:])
    )
    assert only_deeper == NameSet.of("*a.com") - NameSet.of("a.com")
    assert only_deeper.witness() == "aa.com"


@pytest.mark.parametrize(
    ("names", "text", "witness"),
    [
        (
            NameSet.of("*.contoso.com") - NameSet.of("a.contoso.com"),
            "*.contoso.com except a.contoso.com",
            "b.contoso.com",
        ),
        (
            NameSet.of("*.contoso.com") - NameSet.of("a.contoso.com", "*.b.contoso.com"),
            "*.contoso.com except a.contoso.com, *.b.contoso.com",
            "b.contoso.com",
        ),
        (
            NameSet.of("*.contoso.com", "example.org") - NameSet.of("*.b.contoso.com")
            | NameSet.of("x.b.contoso.com"),
            "example.org; *.contoso.com except *.b.contoso.com (but x.b.contoso.com)",
            "example.org",
        ),
        (
            NameSet.of("*contoso.com") - NameSet.of("contoso.com"),
            "*contoso.com except contoso.com",
            "acontoso.com",
        ),
        (NameSet.of("a.com", "*.com", "b.com"), "*.com", "a.com"),
        (NameSet.ALL, "*", "example.com"),
        (NameSet.ALL - NameSet.of("*.com"), "* except *.com", "a"),
    ],
)
def test_printed_form_and_witness(names: NameSet, text: str, witness: str) -> None:
    """The printed form tells a reader what is in and what is not; the witness is a short name that is in."""
    assert str(names) == text
    assert names.witness() == witness


@pytest.mark.parametrize("count", range(9))
def test_a_union_of_many_is_that_of_each_with_the_next(count: int) -> None:
    """Any number of sets is joined in pairs, and none is left out."""
    sets = [
        NameSet.of(f"*.{letter}.com", f"{letter}.org") - NameSet.of(f"a.{letter}.com")
        for letter in LETTERS[:count]
    ]
    one_by_one = NameSet.NONE
    for item in sets:
        one_by_one |= item
    assert NameSet.union_all(sets) == NameSet.union_all(reversed(sets)) == one_by_one
    assert all(item <= one_by_one for item in sets)


def test_empty_set_of_names() -> None:
    """No patterns, and patterns taken away again, are the same empty value."""
    assert NameSet.of() == NameSet.NONE == NameSet() == NameSet.of("a.com") - NameSet.of("*")
    assert str(NameSet.NONE) == "none"
    assert NameSet.NONE.patterns() == ()


def test_long_lists_of_names_settle_exactly() -> None:
    """Thousands of names under one suffix are kept apart and can all be taken back."""
    listed = [
        f"{one}{two}.{three}.com" for one in LETTERS[:20] for two in LETTERS[:20] for three in LETTERS[:5]
    ]
    names = NameSet.of("*.com") - NameSet.of(*listed)
    assert len(names.patterns()) == len(listed) + 1
    assert listed[7] not in names
    assert "x" + listed[7] in names
    assert names | NameSet.of(*listed) == NameSet.of("*.com")


PATTERNS = st.sampled_from(
    [NamePattern.parse(text) for text in ("a.b", "c.a.b", "xa.b", "b", "ab.b", "c.b", "q.c.b")]
    + [
        NamePattern.parse(f"*{text}")
        for text in ("a.b", "c.a.b", ".a.b", "xa.b", "b", ".b", "ab.b", "c.b", "")
    ]
)
PROBES = [
    "a.b",
    "c.a.b",
    "d.c.a.b",
    "xa.b",
    "yxa.b",
    "b",
    "ab.b",
    "zab.b",
    "c.b",
    "q.c.b",
    "bb",
    "other.example",
]


@given(st.lists(PATTERNS, max_size=6), PATTERNS)
def test_a_split_is_a_partition_that_no_cut_crosses(cuts: list[NamePattern], whole: NamePattern) -> None:
    """The classes are disjoint, make up the pattern together, and lie inside or outside of each cut."""
    classes = NameSet.split(whole, cuts)
    union = NameSet.NONE
    for one in classes:
        assert one
        assert one.isdisjoint(union)
        union |= one
        for cut in cuts:
            inside = NameSet.of(cut)
            assert one <= inside or one.isdisjoint(inside)
            if one <= inside:
                assert all(root <= cut for root in one.roots())
    assert union == NameSet.of(whole)


@given(PATTERNS)
def test_enclosing_patterns_are_those_that_contain_it(pattern: NamePattern) -> None:
    """Every pattern of the list contains this one, and no pattern that contains it is missing."""
    listed = list(pattern.enclosing())
    assert listed[0] == pattern
    assert len(set(listed)) == len(listed)
    assert all(pattern <= other for other in listed)
    for probe in PROBES:
        for other in (NamePattern(probe, wildcard=True), NamePattern(probe, wildcard=False)):
            assert (pattern <= other) == (other in listed)


@given(st.lists(PATTERNS, min_size=1, max_size=3), st.booleans())
def test_a_small_set_meets_a_large_one_as_any_other(small: list[NamePattern], keep: bool) -> None:
    """Where one set has many more patterns than the other, only those that can meet are looked at; the law stays."""
    one = NameSet.of(*small) - (NameSet.of("c.a.b") if keep else NameSet.NONE)
    far = [NamePattern.parse(f"h{number}.example") for number in range(60)]
    other = NameSet.of(*far, "*a.b", "q.c.b") - NameSet.of("*.a.b", "xa.b")
    for probe in [*PROBES, "h3.example"]:
        assert (probe in (one & other)) == (probe in one and probe in other)
        assert (probe in (other & one)) == (probe in one and probe in other)
        assert (probe in (one - other)) == (probe in one and probe not in other)
        assert (probe in (other - one)) == (probe in other and probe not in one)
    assert one & other == other & one
    assert (one - other) | (one & other) == one
