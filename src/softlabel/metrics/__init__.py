"""Scores of predictions against given or known labels, with every convention fixed."""
