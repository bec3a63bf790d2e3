"""What is stale, why, in what order, what it will cost; and what of it fits a budget. Knows no Dagster."""
