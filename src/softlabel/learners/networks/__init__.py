"""Networks by name, from a factory, or as given. Importing anything here but ``names`` imports torch."""
