"""What is made: Dagster's software-defined assets, one module each."""
