"""Long runs: a stream of events, and the sinks that consume it."""
