"""What `policy check` says of a policy beside its counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from auditor.policy.organisation_summary import summary
from auditor.policy.policy import load_policy

DAY = date(2026, 7, 2)


def told(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    _, *lines = summary(load_policy(str(path)), DAY)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_addresses_that_are_allowed_by_an_application_protocol(tmp_path: Path) -> None:
    """No rule opens an address to https alone, so such a row admits nothing; names and anywhere are allowed so."""
    assert told(
        tmp_path,
        "allow: [{to: ['20.0.0.0/24:443/https', 'a.example:443/https', '*:443/https', '20.1.0.1:443/tcp']}]\n",
    ) == [
        "1:9: allow 20.0.0.0/24:443/https: admits nothing; an open port carries more than https, so say tcp"
    ]


def test_an_open_port_that_is_forbidden_by_what_it_carries(tmp_path: Path) -> None:
    """A row that opens a port, or requires it for https, contradicts one that forbids what the port carries."""
    rows = (
        ("require", "20.0.0.1:443/https"),
        ("allow", "20.0.0.2:443/tcp"),
        ("forbid", "20.0.0.0/8:443/https"),
    )
    text = "".join(f"{kind}: [{{to: '{to}'}}]\n" for kind, to in rows)
    assert [line.partition(" is in part")[0] for line in told(tmp_path, text)] == [
        "1:11: require 20.0.0.1:443/https",
        "2:9: allow 20.0.0.2:443/tcp",
    ]


def test_rows_that_except_all_that_they_name(tmp_path: Path) -> None:
    """They say nothing, which nobody means; where a tag is in no list it is not known, and nothing is told."""
    rows = (
        "{to: 'a.example:443/https', except: ['*.example']}",
        "{to: '20.0.0.0/24:443/tcp', except: [20.0.0.0/8]}",
        "{to: ['20.0.0.0/24:443/tcp', 'a.example:443/https'], except: [20.0.0.0/8]}",
        "{to: 'Storage:443/tcp', except: [20.0.0.0/8]}",
    )
    assert told(tmp_path, "forbid:\n" + "".join(f"  - {one}\n" for one in rows)) == [
        "2:5: forbid a.example:443/https: says nothing; it excepts all that it names",
        "3:5: forbid 20.0.0.0/24:443/tcp: says nothing; it excepts all that it names",
    ]
