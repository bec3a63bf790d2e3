"""Tests of the measures, on texts and tables written for them."""
