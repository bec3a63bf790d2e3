"""Medical integrity of a note: what contradicts its code, its patient, itself or pharmacology, computed."""
