"""A scripted OpenAI-compatible endpoint over real HTTP: good answers by default, faults as the script says.

For tests (fixture.py) and benchmarks (`python -m tests.scripted_openai --port 0`). It imports nothing of the
product, so that it cannot agree with it by accident.
"""
