from __future__ import annotations

import shlex

import pytest

from auditor.rules.az_command import az
from tests.unit.rules.world import SUBSCRIPTION, TABLE, rid

HOSTILE = 'x\'; rm -rf ~; echo "$(id)" `id` $HOME & | > < * ? # \\'


def test_a_command_names_subscription_and_group() -> None:
    """A command works whatever subscription the shell has chosen."""
    assert az("network route-table show", TABLE, name=TABLE.name) == (
        f"az network route-table show --subscription {SUBSCRIPTION} --resource-group rg-net --name rt-spoke",
    )


def test_hostile_names_stay_one_word() -> None:
    """Whatever stands in a name, the shell reads it as that name."""
    (line,) = az("network route-table show", rid("Microsoft.Network/routeTables/t", HOSTILE), name=HOSTILE)
    assert shlex.split(line)[-4:] == ["--resource-group", HOSTILE.lower(), "--name", HOSTILE]


@pytest.mark.parametrize(
    "value", [None, "", (), "-rf", "--yes", "@/etc/passwd", "a=@/etc/passwd", "a\nb", "a\x1b[m"]
)
def test_no_command_rather_than_a_dangerous_one(value: str | tuple[str, ...] | None) -> None:
    """A value that the CLI would read as an option or a file, or that is not known, leaves no command."""
    assert az("network nsg show", name=value) == ()


def test_several_values_and_numbers() -> None:
    """Lists are separated by blanks, each value quoted for itself."""
    assert az("x", a=("1", "*"), b_c=3) == ("az x --a 1 '*' --b-c 3",)
