"""mygrad: `conv_nd` of a transposed array adds up numbers that are not in the array.

The windows are made with strides for an array whose elements lie one after the other. Those of a
transposed array do not, so that other memory is read.
Right, by mpmath at 50 digits: the sum of 1, 2, 3 and 4.
Known upstream: not found.
"""

# /// script
# dependencies = ["mygrad==2.5.0"]
# ///

from report import report


def compute():
    import mygrad
    import numpy as np
    from mygrad.nnet.layers import conv_nd

    x = mygrad.tensor(np.arange(1.0, 9.0).reshape(1, 2, 2, 2))
    kernel = np.ones((1, 2, 2, 1))
    result = conv_nd(mygrad.transpose(x, (1, 2, 3, 0)), kernel, stride=2)
    return float(result.data[0, 0, 0, 0])


if __name__ == "__main__":
    report("mygrad", compute, right=10.0)
