"""Grade a folder of engines, each isolated in a sandbox of its own."""
