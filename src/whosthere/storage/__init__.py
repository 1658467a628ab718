"""Where incidents, tags, decisions' numbers and alerts are kept."""
