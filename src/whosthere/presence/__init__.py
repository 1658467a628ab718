"""Who is home: sources that see people's devices, and the watchers that report what they see."""
