"""Training of networks: one loop, and what is passed into it. Everything here imports torch, and nothing here knows of folds or rounds."""
