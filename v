{"a":"/tmp/tmpks2n6496/it's/c.jsonl"}
