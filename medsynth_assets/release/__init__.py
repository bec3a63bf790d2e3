"""Releases: the gated pairs of a moment as a directory that people train on, and what became of them since."""
