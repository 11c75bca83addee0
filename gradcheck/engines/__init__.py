"""Find and drive the engine under test."""
