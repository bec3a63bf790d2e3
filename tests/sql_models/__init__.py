"""Tests of sql_models."""
