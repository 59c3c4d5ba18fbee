"""What scripts of the original import from its features, under the names that they have there."""
