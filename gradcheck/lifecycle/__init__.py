"""Checks of gradients over several backward passes, new graphs on used inputs, and zero_grad."""
