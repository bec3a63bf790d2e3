"""The tests, a package so that they can share the scripted endpoint."""
