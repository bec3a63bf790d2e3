"""Ways of making a dialogue from a note: a module each."""
