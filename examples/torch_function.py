"""Is the backward pass of my own torch.autograd.Function right?

python -m gradcheck fuzz --engine torch --ops "+ * exp" \
    --operation exp=examples/torch_function.py:Exp.apply
"""

import torch


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        result = torch.exp(x)
        context.save_for_backward(result)
        return result

    @staticmethod
    def backward(context, upstream):
        (result,) = context.saved_tensors
        return upstream * result
