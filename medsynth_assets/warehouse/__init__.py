"""Storage: one DuckDB file, held for milliseconds at a time."""
