-- Which message in Slack shows an alert, so that later news go into the same one after a restart.

CREATE TABLE slack_message (
    messenger TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    ts TEXT NOT NULL,                  -- Slack's name of the message
    at TEXT NOT NULL,                  -- of the alert
    card TEXT NOT NULL,                -- JSON: what the message shows
    PRIMARY KEY (messenger, alert_id)
);
CREATE INDEX slack_message_by_name ON slack_message (channel, ts);
CREATE INDEX slack_message_by_time ON slack_message (at);
