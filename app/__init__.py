"""The domain of Terrains and its plumbing. No HTTP here, except in `factory` and `cli`."""
