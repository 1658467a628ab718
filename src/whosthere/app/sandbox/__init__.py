"""A Slack to try things in: for tests, and as `whosthere demo --slack-sandbox`."""
