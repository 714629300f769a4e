"""`make schema`: the running service held against its own document by requests that nobody thought of."""
