//! What a molecule diffuses in: potential and diffusivity as functions of the place.

use crate::error::check_finite;
use crate::{Error, Result};

/// Potential and diffusivity at every point of a space of `D` dimensions.
pub trait Landscape<const D: usize>: Sync {
    /// Potential, in kT.
    fn potential(&self, point: &[f64; D]) -> f64;
    /// Force −∇V, in kT/µm.
    fn force(&self, point: &[f64; D]) -> [f64; D];
    /// Diffusivity, in µm²/s; positive.
    fn diffusivity(&self, point: &[f64; D]) -> f64;
    /// Gradient of the diffusivity, in µm/s.
    fn diffusivity_gradient(&self, point: &[f64; D]) -> [f64; D];

    /// A bound of −V, in kT, over the box between two corners: what start positions are drawn with.
    fn max_negative_potential(&self, lower: &[f64; D], upper: &[f64; D]) -> f64;
    /// A bound of the diffusivity anywhere, in µm²/s.
    fn max_diffusivity(&self) -> f64;
    /// The distance over which potential or diffusivity change, in µm; infinite if they are constant.
    fn min_width(&self) -> f64;
}

/// `height · exp(−|r − center|² / (2 width²))`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussian<const D: usize> {
    /// Where it is highest, in µm.
    pub center: [f64; D],
    /// Its value there.
    pub height: f64,
    /// Its standard deviation, in µm.
    pub width: f64,
}

impl<const D: usize> Gaussian<D> {
    fn value(&self, point: &[f64; D]) -> f64 {
        let squared_distance: f64 = (0..D).map(|d| (point[d] - self.center[d]).powi(2)).sum();
        self.at(squared_distance)
    }

    fn at(&self, squared_distance: f64) -> f64 {
        self.height * (-squared_distance / (2.0 * self.width * self.width)).exp()
    }

    /// Its largest value in a box: at the point of it nearest to the center, or the farthest one if
    /// the height is negative.
    fn max_in(&self, lower: &[f64; D], upper: &[f64; D]) -> f64 {
        let squared_distance = (0..D)
            .map(|d| {
                let to_lower = self.center[d] - lower[d];
                let to_upper = upper[d] - self.center[d];
                let distance = if self.height < 0.0 {
                    to_lower.abs().max(to_upper.abs())
                } else {
                    (-to_lower).max(-to_upper).max(0.0)
                };
                distance * distance
            })
            .sum();
        self.at(squared_distance)
    }
}

fn sum_of_gradients<const D: usize>(gaussians: &[Gaussian<D>], point: &[f64; D]) -> [f64; D] {
    let mut gradient = [0.0; D];
    for gaussian in gaussians {
        let factor = gaussian.value(point) / (gaussian.width * gaussian.width);
        for d in 0..D {
            gradient[d] += factor * (gaussian.center[d] - point[d]);
        }
    }
    gradient
}

/// Gaussian wells in a flat potential, and Gaussian bumps on a constant diffusivity.
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianLandscape<const D: usize> {
    diffusivity: f64,
    bumps: Vec<Gaussian<D>>,
    wells: Vec<Gaussian<D>>,
}

impl<const D: usize> GaussianLandscape<D> {
    /// A landscape with `V = −Σ wells` (kT; the height is the depth of a well, negative for a hill)
    /// and `D = diffusivity + Σ bumps` (µm²/s).
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if a width is not positive, a number is not finite, or the diffusivity is
    /// not sure to be positive everywhere.
    pub fn new(diffusivity: f64, bumps: Vec<Gaussian<D>>, wells: Vec<Gaussian<D>>) -> Result<Self> {
        check_gaussians("bumps", &bumps)?;
        check_gaussians("wells", &wells)?;
        let lowest = diffusivity + bumps.iter().map(|bump| bump.height.min(0.0)).sum::<f64>();
        if !(lowest > 0.0 && diffusivity.is_finite()) {
            return Err(Error::Value {
                name: "diffusivity",
                seen: format!("{diffusivity} µm²/s, with bumps down to {lowest}"),
                expected: "positive, and more than its negative bumps together",
            });
        }
        Ok(Self {
            diffusivity,
            bumps,
            wells,
        })
    }
}

fn check_gaussians<const D: usize>(name: &'static str, gaussians: &[Gaussian<D>]) -> Result<()> {
    let centers: Vec<[f64; D]> = gaussians.iter().map(|gaussian| gaussian.center).collect();
    check_finite(name, &centers)?;
    let is_bad = |g: &Gaussian<D>| !(g.height.is_finite() && g.width.is_finite() && g.width > 0.0);
    match gaussians.iter().position(is_bad) {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            name,
            index,
            seen: format!(
                "height {}, width {}",
                gaussians[index].height, gaussians[index].width
            ),
            expected: "a finite height and a positive width",
        }),
    }
}

impl<const D: usize> Landscape<D> for GaussianLandscape<D> {
    fn potential(&self, point: &[f64; D]) -> f64 {
        -self.wells.iter().map(|well| well.value(point)).sum::<f64>()
    }

    fn force(&self, point: &[f64; D]) -> [f64; D] {
        sum_of_gradients(&self.wells, point)
    }

    fn diffusivity(&self, point: &[f64; D]) -> f64 {
        self.diffusivity + self.bumps.iter().map(|bump| bump.value(point)).sum::<f64>()
    }

    fn diffusivity_gradient(&self, point: &[f64; D]) -> [f64; D] {
        sum_of_gradients(&self.bumps, point)
    }

    fn max_negative_potential(&self, lower: &[f64; D], upper: &[f64; D]) -> f64 {
        self.wells
            .iter()
            .map(|well| well.max_in(lower, upper))
            .sum()
    }

    fn max_diffusivity(&self) -> f64 {
        self.diffusivity
            + self
                .bumps
                .iter()
                .map(|bump| bump.height.max(0.0))
                .sum::<f64>()
    }

    fn min_width(&self) -> f64 {
        let widths = self
            .wells
            .iter()
            .chain(&self.bumps)
            .map(|gaussian| gaussian.width);
        widths.fold(f64::INFINITY, f64::min)
    }
}
