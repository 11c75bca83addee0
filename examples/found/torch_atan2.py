"""torch: the gradient of atan2 is 0 where it is 5e169.

The backward pass computes 1/(x*x + y*y). Near 0 the squares underflow to 0, and a guard that is
meant for (0, 0) turns the quotient into 0.
Right, by mpmath at 50 digits: (x/(x*x+y*y), -y/(x*x+y*y)) at x = y = 1e-170.
Known upstream: pytorch issue 193040 (open) reports float16.
"""

# /// script
# dependencies = ["torch==2.13.0"]
# ///

from report import report


def compute():
    import torch

    y = torch.tensor(1e-170, dtype=torch.float64, requires_grad=True)
    x = torch.tensor(1e-170, dtype=torch.float64, requires_grad=True)
    torch.atan2(y, x).backward()
    return y.grad.item(), x.grad.item()


if __name__ == "__main__":
    report("torch", compute, right=(5e169, -5e169))
