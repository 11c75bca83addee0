"""tensorflow: the gradient of cumprod at a zero is 0 where it is 15.

The gradient is a quotient by x, and 0 where x is 0.
Right, by mpmath at 50 digits: 3 + 3*4, which is d/dx of 3 + 3*x + 3*x*4.
Known upstream: tensorflow issue 119430 (closed, mended after 2.21).
"""

# /// script
# dependencies = ["tensorflow==2.21.0"]
# ///

from report import report


def compute():
    import tensorflow as tf

    x = tf.constant([3.0, 0.0, 4.0], dtype=tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(tf.math.cumprod(x))
    return float(tape.gradient(total, x)[1])


if __name__ == "__main__":
    report("tensorflow", compute, right=15.0)
