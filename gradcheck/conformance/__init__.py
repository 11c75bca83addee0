"""A test suite for any engine, with one test for each property of a correct gradient.

    pytest --gradcheck-engine path/to/my_engine.py:Value --pyargs gradcheck.conformance

A test is skipped if it needs an operation that the engine lacks.
"""
