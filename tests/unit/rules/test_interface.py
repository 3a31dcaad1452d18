from __future__ import annotations

from hashlib import sha256

from auditor.model.resource_id import ResourceId
from auditor.rules.interface import fingerprint
from tests.unit.rules.world import APPS, CLUSTER, FIREWALL, MCR

RULE = "required-endpoint-blocked"


def test_fingerprint_is_the_documented_hash() -> None:
    """Anybody can compute a fingerprint from a finding's own fields, and it never changes between releases."""
    found = fingerprint(rule=RULE, cluster=CLUSTER, subnet=APPS, resource=FIREWALL, subject=MCR)
    assert found == "3a0aa9311e48b21a9e7bf864172468ac3aa3a688640bf055b18b549bf13bc24c"
    text = f"{RULE}\n{CLUSTER.text.lower()}\n{APPS.text.lower()}\n{FIREWALL.text.lower()}\n{MCR}"
    assert found == sha256(text.encode()).hexdigest()


def test_ids_count_without_case_and_may_be_missing() -> None:
    """Azure's casing of an id is no part of a finding's identity."""
    upper = fingerprint(
        rule=RULE, cluster=ResourceId(CLUSTER.text.upper()), subnet=None, resource=None, subject="x"
    )
    lower = fingerprint(rule=RULE, cluster=CLUSTER, subnet=None, resource=None, subject="x")
    assert upper == lower
    assert lower == sha256(f"{RULE}\n{CLUSTER.key}\n\n\nx".encode()).hexdigest()


def test_lone_surrogates_from_documents_do_not_crash() -> None:
    """JSON may hold half a surrogate pair; it is hashed like any other text."""
    assert len(fingerprint(rule=RULE, cluster=None, subnet=None, resource=None, subject="\ud800")) == 64
