"""A small scalar autodiff engine: Value, drawings of its graph, and neural networks."""

from .graph import draw_dot, trace
from .nn import MLP, Layer, Neuron
from .value import Value

__all__ = ["MLP", "Layer", "Neuron", "Value", "draw_dot", "trace"]
