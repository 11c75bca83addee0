"""The harness tested on engines that are broken on purpose."""
