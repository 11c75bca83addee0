"""Cases with steps: what happens to gradients when a graph or its inputs live on."""
