"""A small neural network made of Values, with an interface like PyTorch's."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from .value import Value


class Module:
    """A part of a network that has parameters to train."""

    def parameters(self) -> list[Value]:
        return []

    def zero_grad(self) -> None:
        for parameter in self.parameters():
            parameter.grad = 0.0


class Neuron(Module):
    """``tanh(w·x + b)``, with ``number_of_inputs`` weights drawn from [-1, 1] and a bias of 0."""

    def __init__(self, number_of_inputs: int, *, rng: random.Random) -> None:
        self.weights = [Value(rng.uniform(-1.0, 1.0)) for _ in range(number_of_inputs)]
        self.bias = Value(0.0)

    def __call__(self, inputs: Sequence[Value | float]) -> Value:
        products = (w * x for w, x in zip(self.weights, inputs, strict=True))
        return sum(products, start=self.bias).tanh()

    def parameters(self) -> list[Value]:
        return [*self.weights, self.bias]


class Layer(Module):
    """Several neurons that take the same inputs."""

    def __init__(
        self, number_of_inputs: int, number_of_outputs: int, *, rng: random.Random
    ) -> None:
        self.neurons = [Neuron(number_of_inputs, rng=rng) for _ in range(number_of_outputs)]

    def __call__(self, inputs: Sequence[Value | float]) -> list[Value]:
        return [neuron(inputs) for neuron in self.neurons]

    def parameters(self) -> list[Value]:
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]


class MLP(Module):
    """A multilayer perceptron: layers of the given sizes; each takes the outputs of the one before.

    The weights are drawn with ``seed``, so training with the same seed gives the same network.

    >>> model = MLP(2, [4, 1])
    >>> len(model.parameters())
    17
    >>> [output] = model([1.0, -2.0])
    """

    def __init__(self, number_of_inputs: int, sizes: Sequence[int], *, seed: int = 0) -> None:
        rng = random.Random(seed)  # noqa: S311 - weights, not secrets
        widths = [number_of_inputs, *sizes]
        self.layers = [Layer(a, b, rng=rng) for a, b in pairwise(widths)]

    def __call__(self, inputs: Sequence[Value | float]) -> Sequence[Value | float]:
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def parameters(self) -> list[Value]:
        return [parameter for layer in self.layers for parameter in layer.parameters()]
