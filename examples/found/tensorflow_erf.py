"""tensorflow: erf is NaN for a large x, where it is 1.

The square of x overflows in float64, from 1.4e154 on.
Right, by mpmath at 50 digits: erf(1e160).
Known upstream: tensorflow issue 124773 (open).
"""

# /// script
# dependencies = ["tensorflow==2.21.0"]
# ///

from report import report


def compute():
    import tensorflow as tf

    return float(tf.math.erf(tf.constant(1e160, dtype=tf.float64)))


if __name__ == "__main__":
    report("tensorflow", compute, right=1.0)
