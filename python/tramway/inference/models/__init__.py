"""The models of motion, one file each: :mod:`tramway.inference.registry` finds them here."""
