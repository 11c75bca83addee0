"""What is true of a case, proved without the engine: symbolic derivatives, bounds, slopes."""
