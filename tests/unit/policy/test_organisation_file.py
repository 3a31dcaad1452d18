"""Policy files: what they hold, and one clear error at its place for whatever does not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import InputError
from auditor.model.finding import Place, Severity
from auditor.model.reading import ASSUMABLE
from auditor.policy.organisation_file import known_rules, load_policy_file
from auditor.policy.policy import Policy, load_policy
from auditor.rules.register import INFOS

WHOLE = """\
extends: aks-2019-05-14
require:
  - to: vault.contoso.com:443/https
    purpose: secrets
    breaks: pods do not start
allow:
  - to: ["*.ubuntu.com:443/https", "Storage.WestEurope:443/tcp"]
    clusters: ["aks-*"]
    reason: updates
  - to: [10.0.0.0/8, 203.0.113.1-203.0.113.9]
    services: [tcp/1433, udp]
    except: [10.1.0.0/16]
forbid:
  - to: "*.blob.core.windows.net:443/https"
    except: [mine.blob.core.windows.net]
waivers:
  - rule: excess-egress
    cluster: aks-payments
    endpoint: [a, b]
    reason: migration
    owner: team
    expires: 2026-12-31
severities:
  rule-redundant: off
  excess-egress: warning
settings:
  strict: true
  notAssumed: [idps-deny]
  konnectivity: false
  podsUseApiServerAddress: unknown
  addresses: {MCR.microsoft.com: [192.0.2.0/24]}
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a policy file and gives its path."""

    def make(text: str | bytes, name: str = "p.yaml") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


def test_a_whole_policy(write: Any) -> None:
    """Everything that a policy may say arrives, with the place where it is said."""
    path = write(WHOLE)
    policy = load_policy(str(path))
    said = policy.organisation
    assert said is not None
    assert (policy.edition.edition, said.file) == ("aks-2019-05-14", str(path))
    assert [one.to for row in said.allow for one in row.destinations] == [
        "*.ubuntu.com:443/https",
        "Storage.WestEurope:443/tcp",
        "10.0.0.0/8:1433/tcp",
        "10.0.0.0/8:*/udp",
        "203.0.113.1-203.0.113.9:1433/tcp",
        "203.0.113.1-203.0.113.9:*/udp",
    ]
    assert said.allow[1].place == Place(file=str(path), line=10, column=5)
    (waiver,) = said.waivers
    assert waiver.scope == ("cluster=aks-payments", "endpoint=a", "endpoint=b")
    assert (waiver.expires, waiver.place.line, waiver.uses, waiver.expired) == ("2026-12-31", 17, 0, False)
    assert dict(said.severities) == {"rule-redundant": None, "excess-egress": Severity.WARNING}
    assert policy.settings.strict
    assert policy.settings.konnectivity is False
    assert policy.settings.not_assumed == {"idps-deny"}
    assert list(policy.pins) == ["mcr.microsoft.com"]
    assert policy.source.startswith(f"{path}, edition aks-2019-05-14")


def test_options_add_to_the_file(write: Any) -> None:
    """What is given beside a policy is united with it, and a setting given twice is the option's."""
    path = write("settings: {notAssumed: [idps-deny], konnectivity: false}\n")
    policy = load_policy(
        str(path),
        not_assumed=["dns-proxy-tcp"],
        settings={"konnectivity": True, "notAssumed": ["bgp-routes-unknown"]},
    )
    assert policy.settings.not_assumed == {"idps-deny", "dns-proxy-tcp", "bgp-routes-unknown"}
    assert policy.settings.konnectivity is True


def test_files_are_found_beside_the_policy(write: Any, tmp_path: Path) -> None:
    """Relative paths start at the policy, wherever the command runs."""
    (tmp_path / "nva.yaml").write_text("appliances: [{address: 10.9.0.4, rules: []}]\n", encoding="utf-8")
    body = {"values": [{"name": "Sql", "properties": {"addressPrefixes": ["192.0.2.0/24"]}}]}
    (tmp_path / "tags.json").write_text(json.dumps(body), encoding="utf-8")
    policy = load_policy(str(write("settings: {appliances: [nva.yaml], serviceTags: [tags.json]}\n")))
    assert [one.address for one in policy.appliances] == ["10.9.0.4"]
    assert [place for place, _ in policy.tag_lists] == [str(tmp_path / "tags.json")]


ROW = "{to: 'a.example:443/https'}"
WAIVER = "reason: r, owner: o, expires: 2026-12-31"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.yaml: the file is empty"),
        ("- x\n", "p.yaml:1:1: expected a mapping, found"),
        ("alow: []\n", 'p.yaml:1:1: unknown key "alow" (did you mean "allow"?)'),
        ("allow: []\n", "p.yaml:1:8: allow: expected at least 1 entries, found 0"),
        ("allow:\n- to: 443\n", "p.yaml:2:7: allow[0].to: expected a text or a list, found 443"),
        ("allow:\n- to: [443]\n", "p.yaml:2:8: allow[0].to[0]: expected a text, found 443"),
        ("allow:\n- to: []\n", "p.yaml:2:7: allow[0].to: expected at least 1 entries, found 0"),
        ("allow:\n- {reason: x}\n", 'p.yaml:2:3: allow[0]: the key "to" is missing'),
        ("allow:\n- {to: 'a.b:1/tcp', resaon: x}\n", 'unknown key "resaon" (did you mean "reason"?)'),
        ("allow:\n- to: a.b:443/quic\n", "p.yaml:2:7: 'a.b:443/quic': expected HOST:PORT/PROTO"),
        ("allow:\n- to: [a.b, b.c]\n  services: [https/443, quic]\n", "p.yaml:3:25: 'quic': expected PROTO"),
        (
            "allow:\n- to: [Sql]\n  services: [https/443]\n",
            "p.yaml:2:8: 'Sql': a service tag stands for addresses",
        ),
        ("allow:\n- to: a.b:1/tcp\n  except: ['*']\n", "p.yaml:3:11: nothing is left of a row"),
        (
            "require:\n- to: 10.0.0.0/8/any\n",
            'p.yaml:2:7: "10.0.0.0/8/any": name the protocol that is required',
        ),
        ("require:\n- to: a.b:*/tcp\n", "name the ports that are required, from 1 to 65535"),
        ("require:\n- to: '*:443/https'\n", "name the host that is required"),
        ("forbid:\n- to: a.b/esp\n", "a name is forbidden by tcp, udp, icmp, http, https, mssql or any"),
        ("extends: aks-2019-05-15\n", 'p.yaml:1:10: no edition is called "aks-2019-05-15" (did you mean'),
        (
            f"waivers:\n- {{rule: exces-egress, {WAIVER}}}\n",
            'p.yaml:2:10: no rule is called "exces-egress" (did',
        ),
        (
            f"waivers:\n- {{rule: endpoint-undetermined, {WAIVER}}}\n",
            "cannot be waived: it tells that the audit is",
        ),
        (f"waivers:\n- {{rule: waiver-*, {WAIVER}}}\n", "cannot be waived: mend the waiver that it tells of"),
        (
            "waivers:\n- {rule: excess-egress, reason: r, owner: o}\n",
            'waivers[0]: the key "expires" is missing',
        ),
        (
            "waivers:\n- {rule: excess-egress, reason: r, owner: o, expires: 2026-02-30}\n",
            "is no day of the calendar",
        ),
        ("waivers:\n- {rule: excess-egress, reason: r, owner: o, expires: soon}\n", "expected: the last day"),
        (
            "waivers:\n- {rule: excess-egress, reason: r, owner: o, expires: 20261231}\n",
            "expected a text, found 2026",
        ),
        (
            "waivers:\n- {rule: excess-egress, reason: '', owner: o, expires: 2026-12-31}\n",
            'expected a text, found ""',
        ),
        (
            f"waivers:\n- {{rule: excess-egress, {WAIVER}}}\n- {{rule: EXCESS-egress, {WAIVER}}}\n",
            "p.yaml:3:3: a waiver of EXCESS-egress with this scope stands on line 2 already",
        ),
        (
            "severities: {collection-incomplete: off}\n",
            "cannot be off: it tells that the audit is incomplete",
        ),
        ("severities: {excess-egres: off}\n", 'unknown key "excess-egres" (did you mean "excess-egress"?)'),
        ("severities: {excess-egress: fatal}\n", "expected one of error, warning, note, off, found"),
        ("settings: {strict: yes}\n", 'settings.strict: expected true or false, found "yes"'),
        ("settings: {notAssumed: [idps-denied]}\n", 'found "idps-denied" (did you mean "idps-deny"?)'),
        ("settings: {podsUseApiServerAddress: perhaps}\n", "expected one of true, false, unknown, found"),
        ("settings:\n  appliances: [no.yaml]\n", 'p.yaml:2:16: there is no file "no.yaml" beside the policy'),
        ("settings: {addresses: {a.b: [1.2.3.300]}}\n", '"1.2.3.300" is no IP address'),
        (f"allow: [{ROW}]\nallow: [{ROW}]\n", 'p.yaml:2:1: the key "allow" stands twice, first on line 1'),
        (f"allow: &a [{ROW}]\nforbid: *a\n", "p.yaml:1:8: the anchor &a is not accepted"),
        (f"allow: [{ROW}]\n---\nallow: []\n", "p.yaml:2:1: a second document starts"),
        ("allow: !!python/object:os.system [x]\n", "p.yaml:1:8: the tag"),
        ("allow: [\n", "not YAML"),
        ("allow: " + "[" * 200 + "\n", "nested deeper than 40 levels"),
        (b"allow: \xff\n", "p.yaml:1:1: not UTF-8 text"),
        (b"#" * (8 * 1024 * 1024 + 1), "p.yaml: larger than 8 MiB"),
        (f"allow: [{{to: '{'x' * 1001}'}}]\n", "expected at most 1000 characters, found 1001"),
    ],
)
def test_one_clear_error(write: Any, text: str | bytes, message: str) -> None:
    """A fault is told once, on one line, with file, line, column and the value."""
    with pytest.raises(InputError) as caught:
        load_policy_file(write(text))
    told = str(caught.value)
    assert message in told, told
    assert "\n" not in told
    assert "p.yaml" in told


def test_the_schema_knows_every_rule_and_assumption() -> None:
    """Editors complete what the program knows: rule ids and codes stand in the schema, and no others."""
    assert sorted(known_rules()) == sorted(info.id for info in INFOS)
    file = Path(__file__).parents[3] / "policies" / "schemas" / "egress-policy.schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    assert schema["properties"]["settings"]["properties"]["notAssumed"]["items"]["enum"] == list(ASSUMABLE)


# -- whatever stands in the file ----------------------------------------------------------------------

_WORDS = st.sampled_from(
    [
        "a.b:443/https",
        "*:1/tcp",
        "Sql",
        "off",
        "2026-12-31",
        "excess-*",
        "10.0.0.0/8",
        "tcp/443",
        "*",
        "\u202e\x85",
        "",
    ]
)
_LEAVES = st.one_of(_WORDS, st.integers(), st.booleans(), st.none(), st.floats(), st.text(max_size=8))
_KEYS = st.sampled_from(
    ["extends", "require", "allow", "forbid", "waivers", "severities", "settings", "to", "services", "except",
     "clusters", "rule", "cluster", "reason", "owner", "expires", "strict", "addresses", "appliances", "excess-egress"]
)  # fmt: skip
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=5)),
    max_leaves=12,
)
_ROWS = st.lists(
    st.fixed_dictionaries({"to": st.one_of(_WORDS, st.lists(_WORDS, min_size=1, max_size=2))}, optional={
        "services": st.lists(_WORDS, min_size=1, max_size=2), "except": st.lists(_WORDS, min_size=1, max_size=2),
        "clusters": st.lists(_WORDS, min_size=1, max_size=2), "reason": st.text(min_size=1, max_size=8),
    }), min_size=1, max_size=3)  # fmt: skip
_WAIVERS = st.lists(
    st.fixed_dictionaries({
        "rule": _WORDS, "reason": st.just("r"), "owner": st.text(min_size=1, max_size=4), "expires": _WORDS,
    }, optional={"cluster": _WORDS, "endpoint": st.lists(_WORDS, min_size=1, max_size=2)}),
    min_size=1, max_size=3)  # fmt: skip
_POLICIES = st.one_of(
    _VALUES,
    st.fixed_dictionaries(
        {}, optional={"require": _ROWS, "allow": _ROWS, "forbid": _ROWS, "waivers": _WAIVERS}
    ),
)


@given(_POLICIES)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_document_is_a_policy_or_an_error(tmp_path: Path, document: Any) -> None:
    """No document ends in anything but a policy or one line that says what is wrong where."""
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8", errors="surrogatepass")
    _policy_or_error(path)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_policy_or_an_error(tmp_path: Path, data: bytes) -> None:
    """The same for a sound policy with bytes changed, and for bytes alone."""
    path = tmp_path / "p.yaml"
    whole = bytearray(WHOLE.encode())
    for place, byte in enumerate(data[:8]):
        whole[(byte * 7 + place * 131) % len(whole)] = data[-1 - place]
    for content in (bytes(whole), data):
        path.write_bytes(content)
        _policy_or_error(path)


def _policy_or_error(path: Path) -> None:
    told: str | None = None
    try:
        assert isinstance(load_policy(str(path)), Policy)
    except InputError as error:
        told = str(error)
    assert told is None or (told.startswith(str(path)) and "\n" not in told)
