"""Every place where a mistake can be made on purpose, and a seeded choice among them."""

from __future__ import annotations

import ast
import difflib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from parso.tree import NodeOrLeaf

from tests.mutants.operators import KINDS, operator

PACKAGES: Final = ("netset", "filters", "paths")
Span = tuple[tuple[int, int], tuple[int, int]]
"""Line and column of the first character and behind the last."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Candidate:
    """One application of an operator to one place of a file."""

    file: str
    """The path below the checkout, with slashes."""
    function: str
    """The dotted name of the innermost function or class; empty at the top of a module."""
    operator: str
    text: str
    """The line before the change, without its indentation: with it an entry outlives edits elsewhere in the file."""
    turn: int
    """Which of the places that are alike in all of this it is."""
    occurrence: int
    """Which place of the operator in the file it is, as cosmic-ray counts."""
    kind: str
    line: int
    in_function: bool
    """Whether it is inside of a function and does nothing before that is called."""

    @property
    def package(self) -> str:
        """The package that the file belongs to."""
        return self.file.split("/")[1]

    def rank(self, seed: int) -> bytes:
        """Where the candidate stands in the order of a seed: edits elsewhere do not move it."""
        words = (str(seed), self.file, self.function, self.operator, self.text, str(self.turn))
        return sha256("\0".join(words).encode()).digest()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A candidate with the code that it makes."""

    at: Candidate
    code: str
    becomes: str
    """The line after, without its indentation."""
    diff: str


def candidates(root: Path, packages: Sequence[str] = PACKAGES) -> list[Candidate]:
    """All candidates of some packages of a checkout, in the order of their files."""
    found: list[Candidate] = []
    for package in packages:
        for path in sorted((root / "auditor" / package).glob("*.py")):
            found += _of_file(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    return found


def _of_file(file: str, source: str) -> Iterator[Candidate]:
    lines = source.splitlines()
    idle = _idle_spans(source)
    nodes = list(ast_nodes(get_ast(source)))
    turns: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for kind, names in KINDS.items():
        for name in names:
            applied = operator(name)
            places = [(node, span) for node in nodes for span in applied.mutation_positions(node)]
            for occurrence, (node, span) in enumerate(places):
                if any(start <= span[0] and span[1] <= end for start, end in idle):
                    continue
                if node.parent is not None and node.parent.type in {"parameters", "param"}:
                    continue  # the asterisk before parameters that have names only, which is no operator
                (function, in_function), line = _function(node), span[0][0]
                text = _text(lines, line)
                yield Candidate(
                    file=file,
                    function=function,
                    operator=name,
                    text=text,
                    turn=turns[function, name, text],
                    occurrence=occurrence,
                    kind=kind,
                    line=line,
                    in_function=in_function,
                )
                turns[function, name, text] += 1


def _text(lines: Sequence[str], line: int) -> str:
    """A line without its indentation; a bare `break` or `continue` with the condition that it stands under."""
    text = lines[line - 1].strip()
    return f"{lines[line - 2].strip()} {text}" if text in {"break", "continue"} else text


def _function(node: NodeOrLeaf) -> tuple[str, bool]:
    """The dotted name of what a node stands in, and whether the innermost of it is a function."""
    names: list[str] = []
    kinds: list[str] = []
    above = node.parent
    while above is not None:
        if above.type in {"funcdef", "classdef"}:
            names.append(above.children[1].get_code(include_prefix=False))
            kinds.append(above.type)
        above = above.parent
    return ".".join(reversed(names)), kinds[:1] == ["funcdef"]


def _idle_spans(source: str) -> list[Span]:
    """What is no operator or only asks for a check: annotations, decorators, `strict=True` of a zip, patterns."""
    found: list[Span] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found += map(_span, node.decorator_list)
                if not isinstance(node, ast.ClassDef) and node.returns is not None:
                    found.append(_span(node.returns))
            case ast.arg(annotation=ast.expr() as annotation) | ast.AnnAssign(annotation=annotation):
                found.append(_span(annotation))
            case ast.keyword(arg="strict") | ast.MatchOr():
                found.append(_span(node))
            case _:
                pass
    return found


def _span(node: ast.expr | ast.keyword | ast.pattern) -> Span:
    # ast counts columns in bytes, parso in characters: the same in these files, whose code is ASCII.
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)


def chosen(found: Sequence[Candidate], number: int, seed: int) -> list[Candidate]:
    """As many of the candidates, each kind in each package in turn while it has any, operators mixed within."""
    queues: list[list[Candidate]] = []
    for kind in KINDS:
        for package in PACKAGES:
            of_kind = [one for one in found if (one.kind, one.package) == (kind, package)]
            queues.append(_mixed(of_kind, seed))
    taken: list[Candidate] = []
    while len(taken) < number and any(queues):
        for queue in queues:
            if queue and len(taken) < number:
                taken.append(queue.pop(0))
    return sorted(taken)


def _mixed(of_kind: Sequence[Candidate], seed: int) -> list[Candidate]:
    """In the order of the seed, but each operator in turn, so that a rare one is not drowned by a common one."""
    rows: defaultdict[str, list[Candidate]] = defaultdict(list)
    for one in sorted(of_kind, key=lambda one: one.rank(seed)):
        rows[one.operator].append(one)
    turns = [(turn, one) for row in rows.values() for turn, one in enumerate(row)]
    return [one for _, one in sorted(turns, key=lambda pair: (pair[0], pair[1].rank(seed)))]


def mutant(root: Path, at: Candidate) -> Mutant:
    """The code that a candidate makes of its file."""
    before = (root / at.file).read_text(encoding="utf-8")
    after = mutate_code(before, operator(at.operator), at.occurrence)
    if after is None or after == before:
        raise ValueError(f"{at.file}:{at.line}: {at.operator} changes nothing")
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return Mutant(
        at=at,
        code=after,
        becomes=_text(new, at.line),
        diff="".join(difflib.unified_diff(old, new, at.file, f"{at.file} ({at.operator})", n=2)),
    )
