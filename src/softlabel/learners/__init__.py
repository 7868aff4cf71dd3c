"""What can be fitted to soft targets, and how any classifier is made into that."""
