"""torch: the gradient of gelu(approximate='tanh') is NaN for a large x, where it is 1.

The backward pass multiplies 1 - tanh**2, which is 0, by a polynomial in x that overflows. In
float32 and bfloat16 that happens from 1.9e19 on.
Right, by mpmath at 50 digits: diff of x/(1 + exp(-2u)) at 1e20, with u = sqrt(2/pi) (x + 0.044715
x**3).
Known upstream: not found.
"""

# /// script
# dependencies = ["torch==2.13.0"]
# ///

from report import report


def compute():
    import torch

    x = torch.tensor(1e20, requires_grad=True)
    torch.nn.functional.gelu(x, approximate="tanh").backward()
    return x.grad.item()


if __name__ == "__main__":
    report("torch", compute, right=1.0, bits=24)
