"""Who and what there is in the sandbox."""

BOT, APP, SECRET = "xoxb-1-fake", "xapp-1-fake", "fake-signing-secret"
TEAM, BOT_USER, CHANNEL, OTHER = "T0HOME", "U0BOT", "C0ALERTS", "C0OTHER"
ANNA, BEN, CLEO, EVE = "U0ANNA", "U0BEN", "U0CLEO", "U0EVE"
NAMES = {ANNA: "Anna", BEN: "Ben", CLEO: "Cleo", EVE: "Eve"}
