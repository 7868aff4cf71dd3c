"""Where fits run: one contract, and the executors that keep it."""
