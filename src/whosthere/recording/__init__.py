"""Clips and pictures of incidents, and how long they are kept."""
