"""Training: one loop for every task, its settings, checkpoints, adapters, pictures and cards."""
