"""The offline engine: answers every agent from the clinical knowledge base, deterministically, with no network."""
