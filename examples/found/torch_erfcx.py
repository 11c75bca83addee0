"""torch: the gradient of erfcx is 0 where it is -5.6e-21.

The backward pass subtracts 2/sqrt(pi) from 2 x erfcx(x), which are equal but for their last
digits.
Right, by mpmath at 50 digits: 2 x exp(x**2) erfc(x) - 2/sqrt(pi) at 1e10.
Known upstream: not found.
"""

# /// script
# dependencies = ["torch==2.13.0"]
# ///

from report import report


def compute():
    import torch

    x = torch.tensor(1e10, dtype=torch.float64, requires_grad=True)
    torch.special.erfcx(x).backward()
    return x.grad.item()


if __name__ == "__main__":
    report("torch", compute, right=-5.641895835477563e-21)
