"""Bugs that occur only if two conditions are met."""

from __future__ import annotations

from collections import Counter

from .twin import Twin, planted


def _uses(root: Twin) -> Counter[Twin]:
    """Return how often each node of the graph of a root is used."""
    return Counter(operand for node in root.order() for operand in node.operands)


@planted("lost-contribution", "a + tanh(a)", of="tanh", a=0.0)
class forgets_shared_node_under_tanh(Twin):
    """Tanh sends nothing to an operand that is used elsewhere too."""

    def backward(self) -> None:
        self.grad = self.seed
        uses = _uses(self)
        for node in self.order():
            for index, partial in enumerate(node.partials()):
                if node.operation != "tanh" or uses[node.operands[index]] == 1:
                    node.send(index, partial)


@planted("lost-contribution", "s = a + a; s*(s + a)", of="*", a=1.0)
class forgets_shared_sum_in_product(Twin):
    """A product sends nothing to its first operand if that is a sum that is used elsewhere too."""

    def backward(self) -> None:
        self.grad = self.seed
        uses = _uses(self)
        for node in self.order():
            for index, partial in enumerate(node.partials()):
                if index > 0 or not self._is_of_shared_sum(node, uses):
                    node.send(index, partial)

    @staticmethod
    def _is_of_shared_sum(node: Twin, uses: Counter[Twin]) -> bool:
        first, *others = node.operands
        is_shared = uses[first] > 1 and first not in others
        return node.operation == "*" and first.operation == "+" and is_shared


@planted("wrong-partial", "a*b", of="*", operands=(1,), a=-1.0, b=-1.0)
class sign_of_two_negatives(Twin):
    """The partial of * for its second operand has the wrong sign if both are negative."""

    def product_partials(self, a: float, b: float) -> tuple[float, float]:
        return b, abs(a) if a < 0.0 and b < 0.0 else a
