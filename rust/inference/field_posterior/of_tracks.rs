//! The posterior of whole tracks.

use super::density::Density;
use super::equilibrium::{Equilibrium, empty_ball, outside};
use super::{FieldPosterior, Mesh, Parts, check_has_potential};
use crate::error::check_length;
use crate::inference::Model;
use crate::inference::likelihood::tracks::{
    Degrees, Field, TrackLikelihood, Tracks, starts_in_cells,
};
use crate::operators::LocalPolynomials;
use crate::{Error, Result};

/// Degrees of the polynomials that continue maps inside cells.
const DEGREES: Degrees = Degrees { log_d: 1, field: 2 };

impl<const D: usize> FieldPosterior<D> {
    /// Prepares the posterior of tracks, whose `cells` are numbers in the tessellation.
    ///
    /// If molecules are in equilibrium, the places where tracks begin tell of the potential too:
    /// `begins` says then which of the tracks are not the rest of an earlier one.
    ///
    /// # Errors
    ///
    /// If lengths differ, a localization is in a cell that there is not, no step begins in a cell, or a
    /// model that has no potential is to be in equilibrium.
    pub fn of_tracks(
        model: Model,
        mesh: &Mesh<'_, D>,
        tracks: &Tracks<D>,
        begins: Option<&[bool]>,
    ) -> Result<Self> {
        let whole = mesh.with_margin(model)?;
        let (centers, adjacency) = (&whole.centers, &whole.adjacency);
        if let Some(begins) = begins {
            check_length("begins", begins.len(), tracks.count(), "the tracks")?;
            check_has_potential(model)?;
        }
        let (m, own) = (centers.len(), mesh.centers.len());
        let cells = cells_of_steps(tracks, own)?;
        if cells.is_empty() {
            return Err(Error::InsufficientData {
                seen: format!("none of {own} cells holds a translocation"),
                needed: "a map needs at least one: enlarge the region".into(),
            });
        }
        let field = if model == Model::Potential {
            Field::Potential
        } else if model.is_force() {
            Field::Force
        } else if model.has_vector() {
            Field::Drift
        } else {
            Field::None
        };
        let log_d = mean_log_diffusivity(tracks);
        let start = vec![log_d; m];
        let mut likelihood = TrackLikelihood::new(
            tracks.clone(),
            centers,
            adjacency,
            field,
            DEGREES,
            true,
            start,
        )?;
        let polynomials = LocalPolynomials::new(centers, adjacency, DEGREES.field);
        let fields = mesh.fields(&whole, model);
        let counts = starts_in_cells(tracks, |_| true, m);
        // Where tracks begin is known in the tessellation alone.
        let mut volumes = mesh.volumes.to_vec();
        volumes.resize(m, 0.0);
        let density = Density::new(&counts, &volumes, fields[0].clone());
        likelihood.set_start_shift(density.shifts(tracks, centers, &polynomials))?;
        let equilibrium = begins.map(|begins| {
            let spread = root_mean_square(tracks);
            let radius = empty_ball::<D>(&density, &cells);
            let mut outside = outside(mesh.centers, mesh.adjacency, &cells, radius, spread);
            outside.resize(m, true);
            let field = fields[1].clone();
            Equilibrium::new(tracks, begins, &volumes, &outside, &polynomials, field)
        });
        // At the border, a slope between inner cells alone would be that beside the center.
        let across = LocalPolynomials::new(centers, &whole.adjacency_across(own), DEGREES.field);
        let vector = |&cell: &usize| {
            std::array::from_fn(|axis| {
                if model == Model::Potential {
                    let slope = across.weights_at(cell, &[0.0; D], &[axis]);
                    let row = slope.filter(|(_, weight)| *weight != 0.0);
                    row.map(|(other, weight)| (m + other, -weight)).collect()
                } else if model.has_vector() {
                    vec![(m * (1 + axis) + cell, 1.0)]
                } else {
                    Vec::new()
                }
            })
        };
        let parts = Parts {
            model,
            likelihood: Box::new(likelihood),
            vectors: cells.iter().map(vector).collect(),
            cells,
            log_d,
            fields,
            equilibrium,
        };
        Ok(Self::new(mesh, whole, parts))
    }
}

/// Numbers of the cells in which steps begin.
fn cells_of_steps<const D: usize>(tracks: &Tracks<D>, count: usize) -> Result<Vec<usize>> {
    let mut holds = vec![false; count];
    for track in 0..tracks.count() {
        let range = tracks.range(track);
        for index in range.start..range.end - 1 {
            if let Some(cell) = tracks.cells()[index] {
                *holds.get_mut(cell).ok_or_else(|| Error::Element {
                    name: "cells",
                    index,
                    seen: cell.to_string(),
                    expected: "a number below the number of cells",
                })? = true;
            }
        }
    }
    Ok((0..count).filter(|&cell| holds[cell]).collect())
}

/// The steps that begin in a cell, by the localizations that they begin with.
fn steps_in_cells<const D: usize>(tracks: &Tracks<D>) -> impl Iterator<Item = usize> {
    let steps = (0..tracks.count()).flat_map(|track| {
        let range = tracks.range(track);
        range.start..range.end - 1
    });
    steps.filter(|&index| tracks.cells()[index].is_some())
}

/// Square of the length of the step that a localization begins, µm².
fn squared<const D: usize>(tracks: &Tracks<D>, index: usize) -> f64 {
    let (from, to) = (tracks.positions()[index], tracks.positions()[index + 1]);
    from.iter().zip(to).map(|(a, b)| (b - a) * (b - a)).sum()
}

/// Root mean square, along an axis, of the steps that begin in a cell, µm.
fn root_mean_square<const D: usize>(tracks: &Tracks<D>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for index in steps_in_cells(tracks) {
        sum += squared(tracks, index);
        count += D as f64;
    }
    (sum / count).sqrt()
}

/// Logarithm of the diffusivity that matches the mean square of the steps that begin in a cell.
fn mean_log_diffusivity<const D: usize>(tracks: &Tracks<D>) -> f64 {
    let (mut spread, mut time) = (0.0, 0.0);
    for index in steps_in_cells(tracks) {
        let noise = 0.5 * (tracks.noise()[index] + tracks.noise()[index + 1]);
        let lag = tracks.times()[index + 1] - tracks.times()[index];
        spread += 0.5 * squared(tracks, index) / D as f64 - noise;
        time += lag - tracks.exposure() / 3.0;
    }
    (spread / time).max(1e-4).ln()
}
