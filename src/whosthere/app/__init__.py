"""Builds the parts, runs them, and talks to the person at the terminal."""
