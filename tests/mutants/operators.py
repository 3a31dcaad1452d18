"""The kinds of small mistakes that are made on purpose, and the operators of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Name
from parso.tree import NodeOrLeaf

_SWAPPED: Final = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
}


class SwapFunction(Operator):  # type: ignore[misc]  # cosmic-ray comes without types
    """Calls the opposite function: the other end, the other quantifier, the other side of a bisection."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Where such a function is named outside of an import or an attribute."""
        if (
            isinstance(node, Name)
            and node.value in _SWAPPED
            and node.parent is not None
            and node.parent.type == "atom_expr"
        ):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Name, index: int) -> Name:  # noqa: ARG002 - the interface passes it
        """The name of the opposite."""
        node.value = _SWAPPED[node.value]
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: they would test cosmic-ray's own operators."""
        return ()


_COMPARISON: Final = (
    *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is"),
    *("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt"),
    *("Lt_Gt", "Gt_Lt", "LtE_GtE", "GtE_LtE"),
)
_COMBINATION: Final = (
    *("BitOr_BitAnd", "BitOr_Sub", "BitOr_BitXor"),
    *("BitAnd_BitOr", "BitAnd_Sub", "Sub_BitAnd", "Sub_BitOr"),
)
_ARITHMETIC: Final = ("Add_Sub", "Sub_Add", "LShift_RShift", "RShift_LShift", "Mul_Add", "Mul_FloorDiv")

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "comparison": tuple(f"ReplaceComparisonOperator_{name}" for name in _COMPARISON),
    "combination": tuple(f"ReplaceBinaryOperator_{name}" for name in _COMBINATION),
    "arithmetic": tuple(f"ReplaceBinaryOperator_{name}" for name in _ARITHMETIC),
    "boolean": (
        *("AddNot", "ReplaceUnaryOperator_Delete_Not", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
        *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    ),
    "number": ("NumberReplacer",),
    "order": (
        *("SwapFunction", "ReplaceUnaryOperator_Delete_USub", "ReplaceUnaryOperator_Delete_Invert"),
        *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    ),
}
"""The operators of each kind: order is which end, which side, which direction, and when a loop ends."""

_CORE: Final = OperatorProvider()


def operator(name: str) -> Any:
    """The operator of a name, ready to be applied."""
    return SwapFunction() if name == "SwapFunction" else _CORE[name]()
