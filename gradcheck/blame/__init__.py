"""Find the operation at fault, and the cause."""
