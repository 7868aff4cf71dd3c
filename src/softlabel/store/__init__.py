"""The disk: whole-or-nothing writes, the lock, and the files of a run directory. Knows no method."""
