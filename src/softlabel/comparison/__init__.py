"""Every method side by side on the same rows: what a label method is worth, measured."""
