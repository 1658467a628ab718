"""Speed and accuracy, each by one command that prints a table."""
