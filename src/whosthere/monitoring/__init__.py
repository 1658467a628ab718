"""What others watch us by: measures for Prometheus, systemd's watchdog, a heartbeat outside."""
