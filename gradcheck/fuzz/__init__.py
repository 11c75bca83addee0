"""Long runs: a stream of events, reporters that show it, and the folder that saves it."""
