"""torch: the gradient of expm1 is 0 where it is 4e-18.

The backward pass computes exp(x) as expm1(x) + 1, and expm1(-40) is rounded to -1.
Right, by mpmath at 50 digits: exp(-40).
Known upstream: pytorch issue 192406 (open).
"""

# /// script
# dependencies = ["torch==2.13.0"]
# ///

from report import report


def compute():
    import torch

    x = torch.tensor(-40.0, dtype=torch.float64, requires_grad=True)
    torch.expm1(x).backward()
    return x.grad.item()


if __name__ == "__main__":
    report("torch", compute, right=4.248354255291589e-18)
