"""Answers what people ask of the house, in whatever way they ask."""
