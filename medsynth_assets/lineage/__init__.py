"""What stands, what is stale, and why."""
