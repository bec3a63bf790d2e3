"""The record explorer: pages over the warehouse, for people. Reads only."""
