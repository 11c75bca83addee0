"""How an engine under test is found and driven."""
