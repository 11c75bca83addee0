"""Run an engine in child processes, so that nothing it does can end the harness."""
