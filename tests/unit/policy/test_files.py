"""Files of users: pins, appliances and service tag lists, and the places of what is wrong in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import InputError
from auditor.model.reading import Appliance, ApplianceRule
from auditor.netset import AddressSet
from auditor.policy.files import load_appliances, load_pins, load_tag_list


def _file(folder: Path, text: str, name: str = "given.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# -- pins ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "pins.yaml",
            "Packages.Microsoft.com: [192.0.2.0/24, 198.51.100.7]\n'*.contoso.com':\n  - 2001:db8::/32\n",
        ),
        (
            "pins.json",
            '{"Packages.Microsoft.com": ["192.0.2.0/24", "198.51.100.7"], "*.contoso.com": ["2001:db8::/32"]}',
        ),
    ],
)
def test_pins(tmp_path: Path, name: str, text: str) -> None:
    """YAML and JSON alike give the union of each name's addresses, by lower-case name."""
    assert load_pins(_file(tmp_path, text, name)) == {
        "packages.microsoft.com": AddressSet.of("192.0.2.0/24", "198.51.100.7"),
        "*.contoso.com": AddressSet.of("2001:db8::/32"),
    }


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            "a.example: [192.0.2.0/24,\n  192.0.2.0/33]\n",
            "2:3",
            '"192.0.2.0/33" is no IP address, CIDR block or range',
        ),
        ("a.example: [1.2.3]\n", "1:13", '"1.2.3" is no IP address'),
        ("a.example: [1.2.3.4]\nA.example: [1.2.3.4]\n", "2:1", 'the name "A.example" stands twice'),
        ("a*b.example: [1.2.3.4]\n", "1:1", "name pattern 'a*b.example'"),
        ("a.example: 1.2.3.4\n", "1:12", ""),
        ("a.example: [hello]\n", "1:13", ""),
        ("- a.example\n", "1:1", ""),
    ],
)
def test_bad_pins_are_placed(tmp_path: Path, text: str, place: str, message: str) -> None:
    """Errors name file, line and column, and the value as it stands there."""
    path = _file(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_pins(path)
    assert caught.value.place == f"{path}:{place}"
    assert caught.value.message.startswith(message)


# -- appliances ----------------------------------------------------------------------------------------

APPLIANCES = """\
appliances:
  - address: 10.9.0.4
    name: edge
    rules:
      - name: registry
        sources: [10.1.0.0/16]
        destinations: [MCR.microsoft.com, "*.data.mcr.microsoft.com"]
        protocols: [https]
        ports: ["443"]
        action: allow
      - destinations: ["*", 10.0.0.1-10.0.0.9, "2001:db8::/32"]
        protocols: [any]
        action: deny
    default: allow
  - address: "2001:DB8::1"
    rules: []
"""


def test_appliances(tmp_path: Path) -> None:
    """Rules keep their order; what is left out means everything, and the default denies."""
    path = _file(tmp_path, APPLIANCES)
    edge, plain = load_appliances(path)
    assert edge == Appliance(
        address="10.9.0.4",
        name="edge",
        rules=(
            ApplianceRule(
                name="registry",
                sources=("10.1.0.0/16",),
                destinations=("mcr.microsoft.com", "*.data.mcr.microsoft.com"),
                protocols=("https",),
                ports=("443",),
                allow=True,
            ),
            ApplianceRule(
                name="2",
                sources=("*",),
                destinations=("*", "10.0.0.1-10.0.0.9", "2001:db8::/32"),
                protocols=("any",),
                ports=("*",),
                allow=False,
            ),
        ),
        default_allow=True,
        place=f"{path}:2:5",
    )
    assert (plain.address, plain.name, plain.default_allow) == ("2001:db8::1", "2001:db8::1", False)


def _rule(**changes: str) -> str:
    rule = {"destinations": "['*']", "protocols": "[tcp]", "action": "allow"} | changes
    lines = "".join(f"        {key}: {value}\n" for key, value in rule.items())
    return f"appliances:\n  - address: 10.9.0.4\n    rules:\n      -\n{lines}"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("appliances: [{address: 10.9.0, rules: []}]", "1:24", '"10.9.0" is no IP address'),
        ("appliances: [{address: 10.9.0.0/24, rules: []}]", "1:24", '"10.9.0.0/24" is no IP address'),
        (
            "appliances:\n  - {address: '::1', rules: []}\n  - {address: '0:0::1', rules: []}\n",
            "3:15",
            'two appliances have the address "0:0::1"',
        ),
        (_rule(destinations="[10.0.0.0/40]"), "5:24", '"10.0.0.0/40" is no IP address, CIDR block or range'),
        (_rule(destinations="['*', a*b.example]"), "5:29", "name pattern 'a*b.example'"),
        (
            _rule(destinations="[ntp.ubuntu.com]", protocols="[udp]"),
            "5:24",
            'the name "ntp.ubuntu.com" matches http,',
        ),
        (_rule(sources="[10.0.0.300]"), "8:19", '"10.0.0.300" is no IP address, CIDR block or range'),
        (_rule(ports="['0']"), "8:17", 'port "0" is outside 1-65535 or runs backwards'),
        (_rule(ports="['443', 90-80]"), "8:24", 'port "90-80" is outside 1-65535 or runs backwards'),
        (_rule(ports="['70000']"), "8:17", 'port "70000" is outside'),
        (_rule(action="permit"), "7:17", ""),
    ],
)
def test_bad_appliances_are_placed(tmp_path: Path, text: str, place: str, message: str) -> None:
    """Errors name file, line and column, and the value as it stands there."""
    path = _file(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_appliances(path)
    assert caught.value.place == f"{path}:{place}"
    assert caught.value.message.startswith(message)


# -- service tag lists ---------------------------------------------------------------------------------


def _tag(name: str, *prefixes: Any) -> dict[str, Any]:
    return {"name": name, "id": name, "properties": {"addressPrefixes": list(prefixes)}}


def test_tag_lists_are_kept_as_they_are(tmp_path: Path) -> None:
    """The body is handed on unchanged with the name of its file; a byte order mark and empty tags are fine."""
    body = {
        "changeNumber": 1,
        "cloud": "Public",
        "values": [_tag("Sql", "192.0.2.0/24", "2001:db8::/32"), _tag("X")],
    }
    path = _file(tmp_path, "\ufeff" + json.dumps(body), "tags.json")
    assert load_tag_list(path) == (str(path), body)


def test_property_names_compare_without_case(tmp_path: Path) -> None:
    """The command az and the service spell names differently."""
    body = {"Values": [{"Name": "Sql", "Properties": {"AddressPrefixes": ["192.0.2.0/24"]}}]}
    assert load_tag_list(_file(tmp_path, json.dumps(body)))[1] == body


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('{"values": [}', ":1:13", "not JSON: expecting value"),
        ("", ":1:1", "not JSON"),
        ('{"NaN": "NaN",\n "a": NaN}', ":2:7", "NaN is no JSON number"),
        ("[" * 100_000, "", "not JSON that can be read"),
        ("[1]", ":1:1", "a service tag list is a mapping, found [1]"),
        ('{"value": []}', ":1:1", "no service tag list: values is missing, empty or no list"),
        ('{"a": {"b": [{}, [], 1]},\n "values": []}', ":2:12", "no service tag list"),
        (json.dumps({"values": [{"id": "x"}]}), ":1:13", "service tag 1 has no name"),
        (
            '{"values": [\n  {"name": "a", "properties": {"addressPrefixes": ["192.0.2.0/24"]}},\n  {"name": "b"}]}',
            ":3:3",
            'service tag "b" has no list properties.addressPrefixes',
        ),
        (
            (
                '{"x, ]": "\\"{[", "values": [{"properties": {"addressPrefixes": [\n'
                ' "192.0.2.0/24",\n "192.0.2.0/99"]}, "name": "a"}]}'
            ),
            ":3:2",
            'service tag "a": "192.0.2.0/99" is no IP address or CIDR block',
        ),
        (json.dumps({"values": [_tag("a", 5)]}), ":1:73", 'service tag "a": 5 is no IP address'),
    ],
)
def test_bad_tag_lists_are_placed(tmp_path: Path, text: str, place: str, message: str) -> None:
    """A file that is no service tag list is refused with the place of the first bad value."""
    path = _file(tmp_path, text, "tags.json")
    with pytest.raises(InputError) as caught:
        load_tag_list(path)
    assert caught.value.message.startswith(message)
    assert caught.value.place == f"{path}{place}"


def test_unreadable_tag_lists(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are errors of the input."""
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            load_tag_list(path)
    path = tmp_path / "latin.json"
    path.write_bytes(b'{\n"\xe9": 1}')
    with pytest.raises(InputError, match=r":2:1: not UTF-8 text"):
        load_tag_list(path)
