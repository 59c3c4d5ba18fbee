//! Maps that change smoothly in time.

use super::cells::check_not_negative;
use super::{Cellwise, DiffusivityPotential, Motion, Prior, Quantity};
use crate::Result;
use crate::operators::{TimeSegments, Variation};

impl<M: Motion, const D: usize> Cellwise<M, D> {
    /// Adds a prior on the change of D in time, of weight `λ_D'`, s⁴/µm⁶ in 2-D, to that on its change
    /// in space. Cells are numbered as those of the segments.
    ///
    /// # Errors
    ///
    /// If the weight is negative, or as [`TimeSegments::variation`].
    pub fn add_time_prior(&mut self, segments: &TimeSegments, weight: f64) -> Result<()> {
        check_not_negative(&[("diffusivity_time_prior", weight)])?;
        let in_time = segments.variation(self.cells())?;
        let in_space = (self.parameters().diffusivity_prior, self.variation());
        let both = Variation::weighted_sum(&[in_space, (weight, &in_time)]);
        self.set_variation(both);
        Ok(())
    }
}

impl<const D: usize> DiffusivityPotential<D> {
    /// Adds priors on the change of D and of V in time, those that have a weight: `λ_D'`, s⁴/µm⁶ in
    /// 2-D, and `λ_V'`, s²/µm² kT⁻² in 2-D, of the [variation](TimeSegments::variation).
    ///
    /// Cells of the posterior are numbered as those of the segments. With a prior on V, potentials of
    /// cells in different segments are known up to one common constant.
    ///
    /// # Errors
    ///
    /// If a weight is negative, or as [`TimeSegments::variation`].
    pub fn add_time_priors(
        &mut self,
        segments: &TimeSegments,
        diffusivity_prior: Option<f64>,
        potential_prior: Option<f64>,
    ) -> Result<()> {
        let variation = segments.variation(self.cells())?;
        let weights = [
            (
                Quantity::Diffusivity,
                "diffusivity_time_prior",
                diffusivity_prior,
            ),
            (Quantity::Potential, "potential_time_prior", potential_prior),
        ];
        let mut priors = Vec::new();
        for (quantity, name, weight) in weights {
            let Some(weight) = weight else { continue };
            check_not_negative(&[(name, weight)])?;
            priors.push(Prior {
                quantity,
                variation: variation.clone(),
                weight,
            });
        }
        self.add_priors(priors);
        Ok(())
    }
}
