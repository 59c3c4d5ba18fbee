"""What scripts of the original import from its plots, under the names that they have there."""
