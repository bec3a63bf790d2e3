"""Tests of the record explorer."""
