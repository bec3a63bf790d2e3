"""The six-agent chain against the scripted endpoint, beside the least time that latency and slots allow.

`__main__.py` starts endpoint and clients and prints the table; `chain.py` is the client that is measured; `bare.py` the one
with no bookkeeping, as a mark for what this machine and the endpoint themselves can do.
"""
