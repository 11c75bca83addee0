"""torch: the gradient of log_ndtr is infinite where it is 1e10.

The backward pass computes exp of -x*x/2 - log_ndtr(x), a difference of two numbers near 5e19. At
-1e6 the gradient is 1000109.02 for 1000000.000001.
Right, by mpmath at 50 digits: npdf(x)/ncdf(x) at -1e10.
Known upstream: not found.
"""

# /// script
# dependencies = ["torch==2.13.0"]
# ///

from report import report


def compute():
    import torch

    x = torch.tensor(-1e10, dtype=torch.float64, requires_grad=True)
    torch.special.log_ndtr(x).backward()
    return x.grad.item()


if __name__ == "__main__":
    report("torch", compute, right=10000000000.0)
