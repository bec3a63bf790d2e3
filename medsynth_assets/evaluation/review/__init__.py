"""Human review: a sample to read, verdicts read back, agreement between those who gave them."""
