"""Slack as the way that people and their house talk to each other.

`connection.py` keeps the line open, `alerts.py` posts alerts and keeps them up to date,
`requests.py` hears commands and buttons, `home.py` is the dashboard in Slack, `wording.py` says it
all in Slack's blocks. It needs the extra: pip install 'whosthere[slack]'.
"""
