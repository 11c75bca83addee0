"""Find how a class of tensors over NumPy is driven, by experiments on it."""
