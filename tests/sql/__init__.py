"""Tests of the models in dbt_like_sql, rows in and rows out."""
