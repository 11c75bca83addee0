"""Detect how a class of scalar objects is driven, by small experiments on it."""
