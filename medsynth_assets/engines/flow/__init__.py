"""When a request may go out, and how long it is waited for. Each module is one rule, tested with a clock of its own.

places      how many at once, and who is next
congestion  how many that should be: fewer when the server says slow down, more while it does not
pace        how many a minute: requests and tokens
patience    how long an answer may take, by how long answers take
breaker     an endpoint that is down is asked by one request, not by all
hedging     a straggler is asked a second time (off by default)
"""
