"""Neural networks made of single numbers: modules, losses, optimizers, data and training."""
