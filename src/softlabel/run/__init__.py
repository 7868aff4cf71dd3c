"""One refinement in one directory: from names to objects, stored as it goes, resumable."""
