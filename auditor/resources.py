"""The one module that knows where the data files of the package lie.

A wheel carries `policies/`, `reports/` and `examples/` as `auditor/_data/...`; in a checkout they are the
folders beside the package. The checkout is believed only if a `pyproject.toml` stands there, so that a
stranger's top-level `policies` folder in site-packages is never read as our baseline.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from auditor.errors import AuditorError

_PACKAGE = Path(__file__).resolve().parent


@cache
def data_root() -> Path:
    """The folder that holds `policies`, `reports` and `examples`.

    Raises AuditorError when the installation lacks its data files.
    """
    installed = _PACKAGE / "_data"
    if installed.is_dir():
        return installed
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "policies").is_dir():
        return checkout
    raise AuditorError(
        "this installation lacks its data files (policies, reports, examples); install it again"
    )


def policies() -> Path:
    """The folder of the baseline editions and their schemas."""
    return data_root() / "policies"


def reports() -> Path:
    """The folder of the templates and schemas of our output."""
    return data_root() / "reports"


def examples() -> Path:
    """The folder of the bundled estates, one snapshot folder each."""
    return data_root() / "examples"
