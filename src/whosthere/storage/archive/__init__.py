"""Copies of files away from this machine: in a bucket, or in a folder of another disk."""
