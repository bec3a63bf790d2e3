"""The six agents: what each is asked, what it answers, and how they work together on one slot."""
