"""Writes vectors.npz: what PyTorch makes of random draws of every operation, layer and optimizer, and of the training of an autoencoder.

Run it in this folder: python make.py (last run with PyTorch 2.15.0 and NumPy 2.4.6).
"""

import layers
import operations
import optimizers
import training
import vectors

operations.add()
layers.add()
optimizers.add()
training.add()
vectors.write("vectors.npz")
