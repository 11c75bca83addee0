"""A test suite for anybody's engine, one test for each property that a gradient must have.

    pytest --gradcheck-engine path/to/my_engine.py:Value --pyargs gradcheck.conformance

What needs an operation that the engine lacks is skipped, and says which.
"""
