"""The facts of a note, and what a dialogue says of each: covered, contradicted, or never said."""
