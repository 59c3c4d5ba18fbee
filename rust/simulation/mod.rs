//! Trajectories drawn in a known landscape, for tests, benches and demonstrations.

mod landscape;
mod start;
mod walk;

pub use landscape::{Gaussian, GaussianLandscape, Landscape};
pub use walk::{Movie, simulate};
