"""How an agent's request gets its answer. Nothing above this layer knows which engine answers."""
