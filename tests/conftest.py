"""Every run of the tests draws the same examples: exploring is what ``fuzz`` is for."""

from hypothesis import settings

settings.register_profile("same-every-time", derandomize=True, database=None, deadline=None)
settings.load_profile("same-every-time")
