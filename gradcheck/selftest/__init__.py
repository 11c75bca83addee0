"""A test of gradcheck itself, on engines that are broken on purpose."""
