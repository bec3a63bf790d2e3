"""What the words of notes and of spoken dialogues mean: tokens, numbers with units, phrases, negation."""
