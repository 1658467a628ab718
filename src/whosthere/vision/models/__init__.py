"""Weights that come with the package. Their licences stand in NOTICE."""
