"""A Slack to try things in: for tests, and as `whosthere demo --slack-sandbox`."""

import whosthere.messaging.slack.client  # noqa: F401 - says which extra is missing
