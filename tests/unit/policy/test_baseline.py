"""Reading a baseline edition: what is refused, and where it is said to stand."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.policy.baseline import load_edition, newest, read_edition

_TEXT = """\
edition: test-2020-01-01
title: A page
published: 2020-01-01
status: made up
source:
  url: https://example.com/page
  repository: owner/name
  path: page.md
  commit: a123456789012345678901234567890123456789
  commitDate: 2020-01-02
notes: []
prerequisites:
  - {id: flag, text: a flag is set, reads: featureLockingDownEgress}
conditions:
  always: {when: true, reads: [], text: every cluster}
  gpu: {when: gpu, reads: [gpu], text: a GPU pool}
rows:
  - id: first
    level: required
    condition: always
    unless: [gpu]
    cloud: any
    destination: mcr.microsoft.com
    destinationKind: name
    ports: [443]
    protocol: https
    purpose: images
    breaks: images cannot be pulled
    section: the table
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "test-2020-01-01.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_mirrored(tmp_path: Path) -> None:
    """What is left out is empty or None, everything else is as written."""
    edition = read_edition(_write(tmp_path, _TEXT))
    (row,) = edition.rows
    assert (row.ports, row.unless, row.service_tags, row.alternatives) == ((443,), ("gpu",), (), ())
    assert (row.practice, row.narrow, row.note, row.also_tcp) == (None, None, None, False)
    assert edition.condition("gpu").when == "gpu"
    assert edition.about is None


def test_an_edition_is_a_value() -> None:
    """An edition can be hashed and sent to another process."""
    edition = load_edition(newest())
    assert pickle.loads(pickle.dumps(edition)) == edition  # noqa: S301
    assert hash(edition)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("test-2020-01-01\n", "test-2020-01-02\n", '1:10: the edition is called "test-2020-01-02", its file'),
        ("published: 2020-01-01", "published: 2020-13-01", '3:12: published: "2020-13-01" is no date'),
        (
            "reads: featureLockingDownEgress",
            "reads: featureLocked",
            '13:44: prerequisite flag: unknown fact "featureLocked"',
        ),
        (
            "{when: gpu, reads: [gpu]",
            "{when: gpus, reads: [gpus]",
            '16:29: condition gpu: unknown fact "gpus" (did you mean "gpu"?)',
        ),
        (
            "{when: gpu, reads: [gpu]",
            "{when: gpu && windows, reads: [gpu]",
            '16:15: condition gpu: the expression reads "windows", which is missing in reads',
        ),
        (
            "{when: gpu, reads: [gpu]",
            "{when: gpu || windoes, reads: [gpu]",
            '16:15: condition gpu: unknown fact "windoes" (did you mean "windows"?)',
        ),
        (
            "{when: gpu, reads: [gpu]",
            "{when: gpu, reads: [gpu, linux]",
            '16:33: condition gpu: the expression does not read "linux"',
        ),
        ("{when: gpu,", "{when: gpu &&,", '16:15: condition gpu: "gpu &&" is no JMESPath expression:'),
        (
            "{when: gpu,",
            "{when: length(gpu),",
            '16:15: condition gpu: "length(gpu)" uses function expression;',
        ),
        ("{when: gpu,", "{when: 'gpu[0]',", '16:15: condition gpu: "gpu[0]" uses'),
        (
            "{when: gpu, reads: [gpu]",
            "{when: location, reads: [location]",
            '16:15: condition gpu: "location" gives "westeurope"; expected true or false',
        ),
        ("{when: gpu,", "{when: gpu > linux,", '16:15: condition gpu: the expression reads "linux"'),
        (
            "{when: true, reads: []",
            "{when: false, reads: []",
            "15:18: conditions.always.when: false does not fit",
        ),
        (
            "{when: true, reads: []",
            "{when: true, reads: [gpu]",
            '15:32: condition always: the expression does not read "gpu"',
        ),
        (
            "condition: always",
            "condition: alway",
            '20:16: row first: unknown condition "alway" (did you mean',
        ),
        (
            "unless: [gpu]",
            "unless: [gpus]",
            '21:14: row first: unknown condition "gpus" (did you mean "gpu"?)',
        ),
        ("ports: [443]", "ports: [443, x]", '25:18: rows[0].ports[1]: expected a whole number, found "x"'),
        ("ports: [443]", "ports: [70000]", "25:13: rows[0].ports[0]: expected at most 65535, found 70000"),
        ("ports: [443]", "ports: []", "25:12: rows[0].ports: expected at least 1 entries, found 0"),
        ("level: required", "level: must", "19:12: rows[0].level: expected one of required, recommended"),
        ("    section: the table\n", "", '18:5: rows[0]: the key "section" is missing'),
        (
            "    section:",
            "    practice: retired\n    section:",
            '18:5: rows[0]: the key "practiceSource" is missing, which "practice" calls for',
        ),
        ("destinationKind: name", "destinationKind: any", '23:18: row first: expected "*", found "mcr.'),
        ("destination: mcr.microsoft.com", "destination: '*'", '23:18: row first: "*" is no name'),
        ("  gpu: {", "  G P U: {", '16:3: conditions: the key "G P U" is not a name that fits here'),
    ],
)
def test_a_wrong_edition_is_refused_with_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """An edition that could not be judged does not load, and the message leads to the fault."""
    assert _TEXT.count(old) == 1
    path = _write(tmp_path, _TEXT.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_edition(path)
    assert str(caught.value).startswith(f"{path}:{expected}")


def test_ids_are_unique(tmp_path: Path) -> None:
    """Two rows of one id cannot be told apart in a report."""
    row = _TEXT[_TEXT.index("  - id: first") :]
    with pytest.raises(InputError, match=r':30:9: rows: the id "first" stands twice, first on line 18$'):
        read_edition(_write(tmp_path, _TEXT + row))


def test_deep_expressions_are_refused(tmp_path: Path) -> None:
    """An expression nested beyond reason is an input error, not a crash."""
    text = _TEXT.replace("{when: gpu,", f"{{when: '{'(' * 5000}gpu{')' * 5000}',")
    with pytest.raises(InputError, match=r":16:15: condition gpu: .* is nested too deeply$"):
        read_edition(_write(tmp_path, text))
