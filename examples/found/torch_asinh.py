"""torch: the gradient of asinh is 0 where it is 1e-200.

The backward pass computes 1/sqrt(x*x + 1), and x*x overflows. acosh has the same defect.
Right, by mpmath at 50 digits: 1/sqrt(x**2 + 1) at 1e200.
Known upstream: not found for torch; the same defect is jax issue 40634.
"""

# /// script
# dependencies = ["torch==2.13.0"]
# ///

from report import report


def compute():
    import torch

    x = torch.tensor(1e200, dtype=torch.float64, requires_grad=True)
    torch.asinh(x).backward()
    return x.grad.item()


if __name__ == "__main__":
    report("torch", compute, right=1e-200)
