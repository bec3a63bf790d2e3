"""How good the data is: judges, and what they agree on."""
