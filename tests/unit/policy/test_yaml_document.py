from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.policy import yaml_document
from auditor.policy.yaml_document import load_document

_GOOD = """\
appliances:
  - address: 10.9.0.4
    rules:
      - destinations: [mcr.microsoft.com]
        protocols: [https]
        action: allow
"""


def _write(folder: Path, text: str, name: str = "appliance.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _refusal(folder: Path, text: str, *, name: str = "appliance.yaml", schema: str = "appliance") -> str:
    """The error that a file gives, with the folder taken off its place."""
    with pytest.raises(InputError) as caught:
        load_document(_write(folder, text, name), schema)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_good_file_is_read_with_places(tmp_path: Path) -> None:
    """Every value and every key has its line and column, counted from 1."""
    path = _write(tmp_path, _GOOD)
    document = load_document(path, "appliance")
    assert document.data["appliances"][0]["rules"][0]["protocols"] == ["https"]
    assert document.place(("appliances", 0, "address")) == f"{path}:2:14"
    assert document.place(("appliances", 0, "address"), of_key=True) == f"{path}:2:5"
    assert document.place(("appliances", 0, "rules", 0, "protocols", 0)) == f"{path}:5:21"
    assert document.place(("appliances", 0, "missing", 3)) == f"{path}:2:5"
    assert document.place() == f"{path}:1:1"


def test_json_and_yaml_give_the_same(tmp_path: Path) -> None:
    """A JSON file is read as JSON, indented with tabs or not, and its values have places too."""
    expected = load_document(_write(tmp_path, _GOOD), "appliance").data
    path = _write(tmp_path, json.dumps(expected, indent="\t"), "appliance.json")
    document = load_document(path, "appliance")
    assert document.data == expected
    assert document.place(("appliances", 0, "address")) == f"{path}:4:15"


def test_words_stay_words(tmp_path: Path) -> None:
    """`no`, dates and quoted numbers are texts: only YAML 1.2's true, false, null and numbers are not."""
    text = _GOOD.replace("10.9.0.4", "no").replace(
        "allow", "allow\n        name: 2019-05-14\n        ports: ['443']"
    )
    appliance = load_document(_write(tmp_path, text), "appliance").data["appliances"][0]
    assert appliance["address"] == "no"
    assert appliance["rules"][0]["name"] == "2019-05-14"
    assert appliance["rules"][0]["ports"] == ["443"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "appliance.yaml: the file is empty"),
        ("# nothing\n", "appliance.yaml: the file is empty"),
        ("- 1\n", "appliance.yaml:1:1: expected a mapping, found [1]"),
        ("appliances: 3\n", "appliance.yaml:1:13: appliances: expected a list, found 3"),
        ("appliances:\n", "appliance.yaml:1:12: appliances: expected a list, found null"),
        ("appliances: []\n", "appliance.yaml:1:13: appliances: expected at least 1 entries, found 0"),
        ("a: 1\na: 2\n", 'appliance.yaml:2:1: the key "a" stands twice, first on line 1'),
        ("a: &x 1\nb: *x\n", "appliance.yaml:1:4: the anchor &x is not accepted: write the value out"),
        ("a: *x\n", "appliance.yaml:1:4: the alias *x is not accepted: write the value out"),
        ("a: {<<: *x}\n", "appliance.yaml:1:9: the alias *x is not accepted: write the value out"),
        (
            "a: !!python/object:os.system {}\n",
            (
                'appliance.yaml:1:4: the tag "tag:yaml.org,2002:python/object:os.system" is not accepted: '
                "only plain values are"
            ),
        ),
        ("a: 1\n---\nb: 2\n", "appliance.yaml:2:1: a second document starts; one file holds one"),
        ("? [a]\n: 1\n", "appliance.yaml:1:3: a key must be a text"),
        ("[" * 60 + "]" * 60, "appliance.yaml:1:41: nested deeper than 40 levels"),
        (
            _GOOD.replace("address:", "adress:"),
            'appliance.yaml:2:5: appliances[0]: the key "address" is missing',
        ),
        (
            _GOOD.replace("rules:", "name: x\n    nmae: y\n    rules:"),
            'appliance.yaml:4:5: appliances[0]: unknown key "nmae" (did you mean "name"?)',
        ),
        (
            _GOOD.replace("action: allow", "action: alow"),
            (
                "appliance.yaml:6:17: appliances[0].rules[0].action: expected one of allow, deny, "
                'found "alow" (did you mean "allow"?)'
            ),
        ),
        (
            _GOOD.replace("[https]", "https"),
            'appliance.yaml:5:20: appliances[0].rules[0].protocols: expected a list, found "https"',
        ),
        (
            _GOOD.replace("[https]", "[https, https]"),
            (
                "appliance.yaml:5:20: appliances[0].rules[0].protocols: an entry stands twice in "
                '["https", "https"]'
            ),
        ),
        (
            _GOOD + "        ports: [443]\n",
            "appliance.yaml:7:17: appliances[0].rules[0].ports[0]: expected a text, found 443",
        ),
        (
            _GOOD + "        ports: ['443,80']\n",
            (
                'appliance.yaml:7:17: appliances[0].rules[0].ports[0]: "443,80" does not fit; '
                "expected: a port, a range a-b or *"
            ),
        ),
        (
            _GOOD.replace("10.9.0.4", "''"),
            'appliance.yaml:2:14: appliances[0].address: expected a text, found ""',
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    """An error is one line: the place, the name, what was expected and what was found."""
    assert _refusal(tmp_path, text) == expected


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    """A message shows at most 80 characters of what it found."""
    found = '"' + "x" * 76 + "..."
    message = _refusal(tmp_path, f"appliances: {'x' * 5000}\n")
    assert message == f"appliance.yaml:1:13: appliances: expected a list, found {found}"


def test_the_first_fault_in_the_file_is_told(tmp_path: Path) -> None:
    """Several faults are told one by one, from the top of the file down."""
    text = _GOOD.replace("10.9.0.4", "7").replace("allow", "never").replace("rules:", "rules: &a")
    assert _refusal(tmp_path, text).startswith("appliance.yaml:3:12: the anchor")
    text = _GOOD.replace("10.9.0.4", "7").replace("allow", "never")
    assert _refusal(tmp_path, text).startswith("appliance.yaml:2:14: ")


def test_syntax_errors_have_a_place(tmp_path: Path) -> None:
    """What cannot be parsed is told with the line and column at which parsing stops."""
    assert _refusal(tmp_path, "a: [1\nb: 2\n").startswith("appliance.yaml:2:")
    assert _refusal(tmp_path, "a: 1\nb: \x07\n").startswith("appliance.yaml:2:")
    message = _refusal(tmp_path, '{"a": 1,\n "b" 2}', name="appliance.json")
    assert message == "appliance.json:2:6: not JSON: expecting ':' delimiter"
    assert _refusal(tmp_path, '{"a": NaN}', name="a.json") == "a.json: NaN is no JSON number"
    twice = _refusal(tmp_path, '{"a": 1,\n "a": 2}', name="a.json")
    assert twice == 'a.json:2:2: the key "a" stands twice, first on line 1'
    deep = _refusal(tmp_path, "[" * 100_000, name="a.json")
    assert deep == "a.json: nested deeper than 40 levels"


def test_unreadable_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing, binary or huge file is an input error, not a crash."""
    with pytest.raises(InputError, match="cannot be read: no such file"):
        load_document(tmp_path / "none.yaml", "appliance")
    with pytest.raises(InputError, match="cannot be read: is a directory"):
        load_document(tmp_path, "appliance")
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"a: 1\nb: \xff\xfe\n")
    with pytest.raises(InputError, match=r"binary\.yaml:2:1: not UTF-8 text"):
        load_document(path, "appliance")
    monkeypatch.setattr(yaml_document, "MAX_BYTES", 1024 * 1024)
    path.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(InputError, match=r"binary\.yaml: larger than 1 MiB"):
        load_document(path, "appliance")


def test_addresses_are_named_cidrs(tmp_path: Path) -> None:
    """The file of pinned addresses maps names to addresses and prefixes."""
    good = _write(
        tmp_path, "packages.microsoft.com: [20.0.0.1, 10.0.0.0/8]\n'*.example.com': ['2001:db8::/32']\n"
    )
    assert load_document(good, "addresses").data["*.example.com"] == ["2001:db8::/32"]
    for text in ("x.example: 20.0.0.1\n", "x.example: [y.example]\n", "x.example: []\n", "a b: [20.0.0.1]\n"):
        assert _refusal(tmp_path, text, schema="addresses").startswith("appliance.yaml:1:")
