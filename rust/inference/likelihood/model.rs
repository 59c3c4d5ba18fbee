//! The models of motion: how the mean displacement follows from the maps.

use crate::{Error, Result};

/// A model of motion. In a cell, a displacement over a lag `Δt` is Gaussian with mean `h(D) Δt u` and
/// variance `2 (D τ + σ²)` along each axis, where `τ` is the lag less a third of the exposure: the
/// vector u and the mobility h tell the models apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// D: free diffusion, without a vector.
    Diffusivity,
    /// DD: diffusion with a drift, µm/s, which is a vector of each cell.
    Drift,
    /// DF: diffusion under a force, kT/µm, which is a vector of each cell (overdamped Langevin
    /// equation with the mobility D/kT of the Einstein relation).
    Force,
    /// DV: diffusion under the force `−∇V` of a potential, kT (El Beheiry, Dahan & Masson, Nat. Methods
    /// 12, 594, 2015).
    Potential,
}

impl Model {
    /// Every model with the name that it has outside of this crate.
    pub const ALL: [(&'static str, Self); 4] = [
        ("d", Self::Diffusivity),
        ("dd", Self::Drift),
        ("df", Self::Force),
        ("dv", Self::Potential),
    ];

    /// The model of a name.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if there is none.
    pub fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, model)| *model).ok_or_else(|| Error::Value {
            name: "model",
            seen: name.to_owned(),
            expected: "the name of a model of this core",
        })
    }

    /// Names of the weights of the priors of the map beside D, in space and in time; none if there is
    /// no such map, or no such prior.
    #[must_use]
    pub fn field_priors(self) -> [Option<&'static str>; 2] {
        match self {
            Self::Diffusivity => [None, None],
            Self::Drift => [Some("drift_prior"), None],
            Self::Force => [Some("force_prior"), None],
            Self::Potential => [Some("potential_prior"), Some("potential_time_prior")],
        }
    }

    /// Whether each cell has a vector that moves molecules.
    #[must_use]
    pub fn has_vector(self) -> bool {
        self != Self::Diffusivity
    }

    /// Whether that acts through the diffusivity.
    #[must_use]
    pub fn is_force(self) -> bool {
        matches!(self, Self::Force | Self::Potential)
    }

    /// The mobility `h(D)`, which is affine, and its derivative.
    #[must_use]
    pub fn mobility(self, diffusivity: f64) -> [f64; 2] {
        match self {
            Self::Diffusivity => [0.0, 0.0],
            Self::Drift => [1.0, 0.0],
            Self::Force | Self::Potential => [diffusivity, 1.0],
        }
    }
}
