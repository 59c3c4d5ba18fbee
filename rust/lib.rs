//! Maps of diffusivity, force and potential from single-molecule trajectories.
//!
//! The numeric core. Coordinates are in µm, times in s, diffusivities in µm²/s, potentials in kT and
//! forces in kT/µm throughout. `D` is the number of space dimensions, 2 or 3; points are `[f64; D]`.
//!
//! From text to maps: [`trajectories`] reads tables and turns tracks into translocations,
//! [`tessellation`] cuts space into cells, [`assignment`] files each translocation under the cell of
//! its origin, [`statistics`] reduces a cell to a few numbers per lag, [`operators`] holds the
//! spatial gradient and variation as sparse rows, [`inference`] the posterior of each model, and
//! [`optimizer`] its maximum. [`simulation`] draws trajectories in a known landscape, [`hdf5`] writes
//! files of results.
//!
//! | step | time | memory |
//! |---|---|---|
//! | reading | O(bytes) | O(rows) |
//! | assignment of N points to m cells | O(N log m) | O(N + m) |
//! | statistics | O(N log N) | O(m · distinct lags) |
//! | one evaluation of a posterior | O(m · distinct lags) | O(m) |
//! | one Newton step | O(m^1.5), the factorization | O(m log m), its fill |
//!
//! Nothing here knows of Python but the folder `python/`, compiled with the feature of that name.

pub mod assignment;
pub mod error;
pub mod geometry;
pub mod hdf5;
pub mod inference;
pub mod operators;
pub mod optimizer;
pub mod simulation;
pub mod statistics;
pub mod tessellation;
pub mod threads;
pub mod trajectories;

#[cfg(feature = "python")]
mod python;

pub use error::{Error, Result};
