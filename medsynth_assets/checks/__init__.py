"""Expectation suites as Dagster asset checks, and their verdicts per record in the warehouse."""
