"""tensorflow: gelu has 9 digits in float64.

The square root of 2 goes through float32.
Right, by mpmath at 50 digits: 1.5*erfc(-1.5/sqrt(2))/2.
Known upstream: not found.
"""

# /// script
# dependencies = ["tensorflow==2.21.0"]
# ///

from report import report


def compute():
    import tensorflow as tf

    return float(tf.nn.gelu(tf.constant(1.5, dtype=tf.float64)))


if __name__ == "__main__":
    report("tensorflow", compute, right=1.399789198096713)
