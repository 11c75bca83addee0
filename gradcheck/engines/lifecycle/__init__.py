"""Run more than one backward pass, on graphs and inputs that are kept."""
