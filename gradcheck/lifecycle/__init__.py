"""Life beyond one backward pass: what happens to gradients when a graph or its inputs live on."""
