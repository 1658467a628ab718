"""The program's own web server, and the small API for phones, scripts and automations."""
