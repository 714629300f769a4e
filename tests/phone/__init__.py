"""A reference client: what a grid worker's phone does against the REST contract. It knows nothing of the project."""
