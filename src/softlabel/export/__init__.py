"""Takes what a run directory holds to other formats."""
