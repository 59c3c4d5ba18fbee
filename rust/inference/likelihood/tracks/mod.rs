//! The likelihood of whole tracks.
//!
//! Successive displacements share the noise of the localization between them, and the position that a
//! force acts at is not the one that was seen. Given D and the field at the places along a track, its
//! localizations are a linear Gaussian state-space model: the Kalman filter takes them one after the
//! other to innovations that are independent, and the likelihood of the track, given its first
//! localization, is the product of theirs (Kalman, J. Basic Eng. 82, 35, 1960; for diffusion:
//! Michalet & Berglund, Phys. Rev. E 85, 061916, 2012; Vestergaard et al., Phys. Rev. E 89, 022726,
//! 2014; for potentials: Bryan et al., iScience 25, 104731, 2022). With innovations e of variance S,
//!
//! ```text
//! F = Σ d/2 ln 2πS + |e|² / 2S
//! ```
//!
//! over the steps that begin in a cell. Steps that begin outside are filtered, with the D of the last
//! cell and without any field, and count for nothing.
//!
//! The places that D and the field are taken at are those of a filter that knows of no field and of
//! one D for each cell, that of its displacements: places are estimated from earlier localizations
//! alone, so that F is a likelihood (the probability of each localization given those before), and
//! do not change with the maps, so that it is smooth. About its place, the field is linear.

mod continuation;
mod filter;
mod localizations;
mod places;
mod sensitivities;
mod starts;

pub use continuation::Field;
pub use localizations::Tracks;
pub use starts::{Starts, starts_in_cells};

use rayon::prelude::*;

use super::{Evaluation, OfFields};
use crate::error::{check_finite, check_length};
use crate::operators::LocalPolynomials;
use crate::optimizer::SymmetricPattern;
use crate::tessellation::Adjacency;
use crate::{Error, Result, threads};
use continuation::Continuation;
use filter::{Filter, Filtered, Local, Mobility, State, Step};
use places::{Place, places};
use sensitivities::{Blocks, Sensitivities};

/// Localizations that are worth a part of their own for parallel work, and most parts: the sums are
/// over parts in their order, whatever the number of threads.
const PART: usize = 2_000;
const MAX_PARTS: usize = 8;

/// Degree of the polynomials that continue maps inside cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Degrees {
    /// Of `ln D`.
    pub log_d: usize,
    /// Of V, or of the components of the vector.
    pub field: usize,
}

/// The likelihood of tracks, in the variables `[ln D…, V…]`, or `[ln D…, x component…, y component…]`.
#[derive(Debug, Clone)]
pub struct TrackLikelihood<const D: usize> {
    tracks: Tracks<D>,
    continuation: Continuation<D>,
    filter: Filter,
    places: Vec<Place<D>>,
    parts: Vec<std::ops::Range<usize>>,
    blocks: Blocks,
    window: usize,
    start_log_d: Vec<f64>,
    /// Where each first localization is expected, less where it was seen, µm.
    start_shift: Vec<[f64; D]>,
}

/// What is asked of a pass over the tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Value,
    Gradient,
    All,
}

/// What a pass over tracks finds, in coefficients.
#[derive(Debug, Clone, Default)]
struct Sums {
    value: f64,
    gradient: Vec<f64>,
    blocks: Vec<f64>,
}

impl<const D: usize> TrackLikelihood<D> {
    /// Prepares the likelihood of tracks over the cells that hold data.
    ///
    /// `start_log_d` is the logarithm of the D of each cell that the places are found with.
    ///
    /// # Errors
    ///
    /// If lengths differ, or a localization is in a cell that there is not.
    pub fn new(
        tracks: Tracks<D>,
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        field: Field,
        degrees: Degrees,
        follows_diffusivity: bool,
        start_log_d: Vec<f64>,
    ) -> Result<Self> {
        let count = centers.len();
        check_length("start_log_d", start_log_d.len(), count, "`centers`")?;
        check_length("adjacency", adjacency.cell_count(), count, "`centers`")?;
        let far = |cell: &Option<usize>| cell.is_some_and(|cell| cell >= count);
        if let Some(index) = tracks.cells().iter().position(far) {
            return Err(Error::Element {
                name: "cells",
                index,
                seen: format!("{:?}", tracks.cells()[index]),
                expected: "a number below the number of cells",
            });
        }
        let continuation = Continuation::new(
            field,
            count,
            LocalPolynomials::new(centers, adjacency, degrees.log_d),
            LocalPolynomials::new(centers, adjacency, degrees.field),
            follows_diffusivity,
        );
        let filter = Filter {
            mobility: match field {
                Field::Drift => Mobility::One,
                _ => Mobility::Diffusivity,
            },
            exposure: tracks.exposure(),
        };
        let places = places(&tracks, centers, adjacency, &start_log_d, filter);
        let window = places::window(&tracks, &places, &start_log_d, filter);
        let blocks = Blocks::new(
            count,
            continuation.coefficient_count(),
            &tracks,
            &places,
            window,
        );
        let parts = parts(&tracks);
        let start_shift = vec![[0.0; D]; tracks.count()];
        Ok(Self {
            tracks,
            continuation,
            filter,
            places,
            parts,
            blocks,
            window,
            start_log_d,
            start_shift,
        })
    }

    /// Tells where first localizations are expected, less where they were seen, µm, one for each track.
    ///
    /// An observed position is, more often than not, displaced away from where molecules are dense: by
    /// Tweedie's formula the true one is expected at `σ² ∇ ln p` from it, for the density p of first
    /// localizations (Efron, J. Am. Stat. Assoc. 106, 1602, 2011, eq. 1.4).
    ///
    /// # Errors
    ///
    /// If there are not as many as tracks, or one is not finite.
    pub fn set_start_shift(&mut self, shift: Vec<[f64; D]>) -> Result<()> {
        check_length("shift", shift.len(), self.tracks.count(), "the tracks")?;
        check_finite("shift", &shift)?;
        self.start_shift = shift;
        Ok(())
    }

    /// Number of variables.
    #[must_use]
    pub fn variable_count(&self) -> usize {
        self.continuation.variable_count()
    }

    /// Number of steps over which an innovation remembers the maps.
    #[must_use]
    pub fn window(&self) -> usize {
        self.window
    }

    /// Number of steps that count.
    #[must_use]
    pub fn step_count(&self) -> usize {
        let counts = |track: usize| {
            let steps = self.tracks.range(track);
            let places = &self.places[steps.start..steps.end - 1];
            places.iter().filter(|place| place.is_inside).count()
        };
        (0..self.tracks.count()).map(counts).sum()
    }

    /// A start for the search: the D that the places were found with, no field.
    #[must_use]
    pub fn start(&self) -> Vec<f64> {
        let mut x = self.start_log_d.clone();
        x.resize(self.variable_count(), 0.0);
        x
    }

    /// Value at `x`.
    #[must_use]
    pub fn value(&self, x: &[f64]) -> f64 {
        self.pass(x, Want::Value).value
    }

    /// Adds the gradient at `x`.
    pub fn add_gradient(&self, x: &[f64], gradient: &mut [f64]) {
        let sums = self.pass(x, Want::Gradient);
        self.continuation.add_back(&sums.gradient, gradient);
    }

    fn pass(&self, x: &[f64], want: Want) -> Sums {
        let coefficients = self.continuation.coefficients(x);
        let part = |tracks: &std::ops::Range<usize>| self.part(tracks.clone(), &coefficients, want);
        let parts: Vec<Sums> = threads::install(|| self.parts.par_iter().map(part).collect())
            .unwrap_or_else(|_| self.parts.iter().map(part).collect());
        let mut parts = parts.into_iter();
        let mut total = parts.next().unwrap_or_default();
        for sums in parts {
            total.value += sums.value;
            add(&mut total.gradient, &sums.gradient);
            add(&mut total.blocks, &sums.blocks);
        }
        total
    }

    /// The sums over some tracks.
    fn part(&self, tracks: std::ops::Range<usize>, coefficients: &[f64], want: Want) -> Sums {
        let count = self.continuation.coefficient_count();
        let of = |cell: usize| cell * count..(cell + 1) * count;
        let mut sums = Sums::default();
        if want != Want::Value {
            sums.gradient = vec![0.0; coefficients.len()];
        }
        let mut sensitivities = (want == Want::All).then(|| {
            sums.blocks = vec![0.0; self.blocks.len()];
            Sensitivities::new(count, self.window)
        });
        let mut rows = self.continuation.rows();
        let mut steps: Vec<(Step<D>, Local<D>, Filtered<D>)> = Vec::new();
        for track in tracks {
            let range = self.tracks.range(track);
            steps.clear();
            let first = &self.places[range.start];
            let seen: [f64; D] = std::array::from_fn(|d| {
                self.tracks.positions()[range.start][d] + self.start_shift[track][d]
            });
            self.continuation
                .fill(&first.offset, first.is_inside, &mut rows);
            let log_d = rows.local(&coefficients[of(first.cell)]).log_d;
            let noise = self.tracks.noise()[range.start];
            let mut state = self.filter.first(seen, noise, log_d);
            if let Some(sensitivities) = &mut sensitivities {
                sensitivities.begin();
            }
            for index in range.start..range.end - 1 {
                let place = &self.places[index];
                if index > range.start {
                    self.continuation
                        .fill(&place.offset, place.is_inside, &mut rows);
                }
                let local = rows.local(&coefficients[of(place.cell)]);
                let step = Step {
                    lag: self.tracks.times()[index + 1] - self.tracks.times()[index],
                    seen: self.tracks.positions()[index + 1],
                    noise: self.tracks.noise()[index + 1],
                    about: place.position,
                    counts: place.is_inside,
                };
                let filtered = self.filter.step(state, &step, &local);
                if step.counts {
                    sums.value += filtered.value();
                }
                state = filtered.after;
                if let Some(sensitivities) = &mut sensitivities {
                    if index == range.start {
                        let by_log_d = 2.0 / 3.0 * local.log_d.exp() * self.filter.exposure;
                        sensitivities.first(place.cell, &rows, by_log_d, &self.blocks);
                    }
                    let (now, here) = ((&filtered, &step, &local), (place.cell, &rows));
                    sensitivities.step(&self.filter, now, here, &self.blocks);
                    if step.counts {
                        sensitivities.add_to(&filtered, &mut sums.blocks);
                    }
                }
                if want != Want::Value {
                    steps.push((step, local, filtered));
                }
            }
            if want != Want::Value {
                let mut by = State {
                    mean: [0.0; D],
                    variance: 0.0,
                };
                for (k, (step, local, filtered)) in steps.iter().enumerate().rev() {
                    let place = &self.places[range.start + k];
                    let mut by_local = self.filter.step_back(filtered, step, local, &mut by);
                    if k == 0 {
                        by_local.log_d +=
                            by.variance * 2.0 / 3.0 * local.log_d.exp() * self.filter.exposure;
                    }
                    self.continuation
                        .fill(&place.offset, place.is_inside, &mut rows);
                    rows.add_back(&by_local, &mut sums.gradient[of(place.cell)]);
                }
            }
        }
        sums
    }
}

impl<const D: usize> OfFields for TrackLikelihood<D> {
    fn couplings(&self) -> Vec<(usize, usize)> {
        self.blocks.couplings(&self.continuation)
    }

    fn evaluate(&self, x: &[f64], pattern: &SymmetricPattern) -> Evaluation {
        let sums = self.pass(x, Want::All);
        let mut gradient = vec![0.0; x.len()];
        self.continuation.add_back(&sums.gradient, &mut gradient);
        let mut curvature = vec![0.0; pattern.len()];
        self.blocks
            .add_to(&sums.blocks, &self.continuation, pattern, &mut curvature);
        Evaluation {
            value: sums.value,
            gradient,
            curvature,
        }
    }
}

/// Tracks in parts of about as many localizations.
fn parts<const D: usize>(tracks: &Tracks<D>) -> Vec<std::ops::Range<usize>> {
    let total = tracks.positions().len();
    let count = (total / PART).clamp(1, MAX_PARTS);
    let boundary = |part: usize| match part {
        part if part == count => tracks.count(),
        part => tracks.track_from(part * total / count),
    };
    let boundaries: Vec<usize> = (0..=count).map(boundary).collect();
    boundaries.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

fn add(into: &mut [f64], from: &[f64]) {
    for (a, b) in into.iter_mut().zip(from) {
        *a += b;
    }
}
