"""A home-security system you run yourself. Start reading at `flow.py`."""

__version__ = "0.1.0"
