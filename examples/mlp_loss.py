"""Is the gradient of a network's loss right, with respect to every parameter?

python examples/mlp_loss.py              # gradcheck's own small network
python examples/mlp_loss.py micrograd    # PyPI's micrograd: pip install micrograd
"""

import importlib
import random
import sys

from gradcheck import check_function

PACKAGES = {"gradcheck": "gradcheck.engine", "micrograd": "micrograd"}
ENGINES = {"gradcheck": "engine:Value", "micrograd": "micrograd.engine:Value"}


def noisy_circle(rng, points):
    for _ in range(points):
        x, y = rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)
        yield (x, y), rng.gauss(0.5 if x * x + y * y < 0.5 else -0.5, 0.1)


def put_in(model, numbers):
    """Replace the weights and biases, in the order of model.parameters()."""
    numbers = iter(numbers)
    for layer in model.layers:
        for neuron in layer.neurons:
            for name, own in vars(neuron).items():
                if isinstance(own, list):
                    setattr(neuron, name, [next(numbers) for _ in own])
                elif hasattr(own, "data"):
                    setattr(neuron, name, next(numbers))


def main(name="gradcheck", sizes=(16, 16, 1), points=100):
    rng = random.Random(0)
    data = list(noisy_circle(rng, points))
    model = importlib.import_module(f"{PACKAGES[name]}.nn").MLP(2, list(sizes))
    parameters = [rng.uniform(-1.0, 1.0) for _ in model.parameters()]

    def loss(*parameters):
        put_in(model, parameters)
        total = 0.0
        for point, target in data:
            output = model(point)
            if isinstance(output, list):
                [output] = output
            error = output - target
            total += error**2
        return total / points

    verdict = check_function(loss, parameters, ENGINES[name])
    proved = sum(row.kind == "correct" for row in verdict.gradient)
    print(f"{verdict.engine}: {verdict.case.expression.size} operations,", end=" ")
    print(f"{proved} of {len(parameters)} gradients are proved to be right.")
    print(*verdict.report.conclusion, sep="\n")
    return verdict


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]).kind != "correct")
