"""The SQL models of dbt_like_sql/: read, compiled, ordered, built."""
