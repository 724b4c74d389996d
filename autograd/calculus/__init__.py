"""The calculus behind the gradients: derivatives, landscapes, descent, as functions and as pictures."""
