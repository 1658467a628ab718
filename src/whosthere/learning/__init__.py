"""Learning from what happened: what people said of it, what it shows, and what would be better."""
