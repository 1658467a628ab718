"""What the house has hands and feelers for: cameras that turn, switches, sensors."""
