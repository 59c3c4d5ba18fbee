"""Where scripts of the original look for environments."""
