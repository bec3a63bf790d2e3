"""What things are: typed records and their identities. No input or output here."""
