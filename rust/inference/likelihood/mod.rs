//! How probable displacements are, given the maps: one file per likelihood.

pub mod tracks;
