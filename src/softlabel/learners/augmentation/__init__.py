"""What is done to pictures: while a network trains on them, and when it predicts them (test-time augmentation)."""
