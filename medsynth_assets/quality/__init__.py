"""What a record is worth: measures, and Great Expectations suites over them. No Dagster here."""
