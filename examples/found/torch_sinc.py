"""torch: the gradient of sinc is 0 near 0, where it is -3.3e-9.

The backward pass subtracts sin(pi x) from pi x cos(pi x). Near 0 the two are equal but for their
last digits.
Right, by mpmath at 50 digits: diff(sin(pi x)/(pi x)) at 1e-9.
Known upstream: not found; issue 196703 (open) is about the second derivative.
"""

# /// script
# dependencies = ["torch==2.13.0"]
# ///

from report import report


def compute():
    import torch

    x = torch.tensor(1e-9, dtype=torch.float64, requires_grad=True)
    torch.sinc(x).backward()
    return x.grad.item()


if __name__ == "__main__":
    report("torch", compute, right=-3.289868133696453e-09)
