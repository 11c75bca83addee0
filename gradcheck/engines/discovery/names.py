"""What authors of engines call things, the usual name first."""

from __future__ import annotations

VALUES = ("data", "value", "val")

GRADIENTS = ("grad", "gradient", "g", "adjoint", "derivative")

BACKWARDS = (
    "backward",
    "backprop",
    "backward_all",
    "back_propagate",
    "backpropagate",
    "back_prop",
    "backwards",
)

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "+": ("add",),
    "-": ("sub", "subtract"),
    "*": ("mul", "multiply"),
    "/": ("div", "divide", "truediv"),
    "neg": ("neg", "negate", "negative"),
    "**": ("pow", "power"),
    "log": ("log", "ln"),
    "sigmoid": ("sigmoid", "logistic"),
    "relu": ("relu", "ReLU", "Relu"),
    "abs": ("abs", "absolute"),
    "max": ("max", "maximum"),
    "min": ("min", "minimum"),
    "atan": ("atan", "arctan"),
}
"""Of methods and functions, by the name of the operation; each is also called by its own name."""
