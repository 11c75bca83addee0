"""The local partials, in a module of their own."""


def of_sum():
    return 1.0, 1.0


def of_product(a, b):
    return b, a


def of_tanh(t):
    return 1.0 - t * t
