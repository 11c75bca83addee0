"""A small scalar autodiff engine: Value, its graph drawn, and a neural network on top."""

from engine.graph import draw_dot, trace
from engine.nn import MLP, Layer, Neuron
from engine.value import Value

__all__ = ["MLP", "Layer", "Neuron", "Value", "draw_dot", "trace"]
