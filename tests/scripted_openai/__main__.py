"""`python -m tests.scripted_openai --port 0 [--script script.json]`: prints its URL and serves."""

import argparse
from pathlib import Path

from tests.scripted_openai.app import Endpoint
from tests.scripted_openai.script import Script
from tests.scripted_openai.serving import listening, server_for

parser = argparse.ArgumentParser(prog="python -m tests.scripted_openai", description=__doc__)
parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
parser.add_argument("--latency-s", type=float, default=0.0, help="mean of an exponential distribution")
parser.add_argument("--script", type=Path, help="a Script as JSON")
chosen = parser.parse_args()

script = Script.model_validate_json(chosen.script.read_text("utf-8")) if chosen.script else Script()
if chosen.latency_s:
    script = script.model_copy(update={"latency_s": chosen.latency_s, "latency_is_mean": True})
socket, url = listening(chosen.port)
print(url, flush=True)
server_for(Endpoint(script).app).run(sockets=[socket])
