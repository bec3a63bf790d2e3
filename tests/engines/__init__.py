"""Engines: the OpenAI engine over real HTTP, its ledger and its prices."""
