//! What the places where tracks begin tell of the potential, if molecules are in equilibrium.

use super::density::Density;
use crate::inference::likelihood::tracks::{Starts, Tracks, starts_in_cells};
use crate::operators::{LocalPolynomials, Matern};
use crate::tessellation::Adjacency;

/// Where neighbours of a cell leave a wider gap, cosine of half its angle, there the tessellation ends: 0.5
/// where one of six is missing, 0.58 in a lattice of cubes.
const WIDEST_GAP: f64 = 0.53;
/// Within this many root mean squares of a displacement from a cell at the border, a track may have come
/// in from outside when it is first seen.
const ENTRY: f64 = 2.0;

/// The likelihood of where tracks begin, given V, and how well any other density tells it.
#[derive(Debug)]
pub(super) struct Equilibrium {
    pub(super) starts: Starts,
    /// V that the density of starts would give.
    pub(super) potential: Vec<f64>,
    /// Logarithm of the evidence of a density that has nothing to do with V.
    pub(super) log_evidence_without: f64,
}

impl Equilibrium {
    /// Prepares the likelihood. `begins` tells which tracks are not the rest of an earlier one, and
    /// `is_outside` which cells do not count.
    pub(super) fn new<const D: usize>(
        tracks: &Tracks<D>,
        begins: &[bool],
        volumes: &[f64],
        is_outside: &[bool],
        polynomials: &LocalPolynomials<D>,
        field: Matern,
    ) -> Self {
        let inner = |values: &[f64]| -> Vec<f64> {
            let values = values.iter().zip(is_outside);
            values.map(|(v, &out)| if out { 0.0 } else { *v }).collect()
        };
        let volumes = inner(volumes);
        let counts = inner(&starts_in_cells(
            tracks,
            |track| begins[track],
            volumes.len(),
        ));
        let (density, log_evidence) = Density::with_log_evidence(&counts, &volumes, field);
        let noise = (0..tracks.count()).map(|track| tracks.noise()[tracks.range(track).start]);
        let noise = noise.sum::<f64>() / tracks.count() as f64;
        Self {
            starts: Starts::new(
                &counts,
                &volumes,
                noise,
                density.mean,
                polynomials,
                volumes.len(),
            ),
            potential: density.log.iter().map(|f| density.mean - f).collect(),
            log_evidence_without: log_evidence,
        }
    }
}

/// Which cells of a tessellation do not tell where tracks begin, given those that hold data (ascending): the
/// cells at its border, what is empty from there on, and what is so near that a track that is first seen
/// there may have come in.
///
/// Takes O(n) for n cells of few neighbours, and O(n b) for b cells at the border.
pub(super) fn outside<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    with_data: &[usize],
    displacement: f64,
) -> Vec<bool> {
    let is_at_border = |&cell: &usize| {
        let unit = |&other: &usize| {
            let offset = difference(&centers[other], &centers[cell]);
            let length = norm(&offset);
            offset.map(|x| x / length)
        };
        let neighbours = adjacency.neighbours(cell).iter();
        has_gap(&neighbours.map(unit).collect::<Vec<_>>())
    };
    let mut border: Vec<usize> = (0..centers.len()).filter(is_at_border).collect();
    let mut is_outside = vec![false; centers.len()];
    for &cell in &border {
        is_outside[cell] = true;
    }
    let mut at = 0;
    while at < border.len() {
        let cell = border[at];
        at += 1;
        if with_data.binary_search(&cell).is_err() {
            for &next in adjacency.neighbours(cell) {
                if !std::mem::replace(&mut is_outside[next], true) {
                    border.push(next);
                }
            }
        }
    }
    let is_near = |center: &[f64; D]| {
        let mut distances = border
            .iter()
            .map(|&b| norm(&difference(&centers[b], center)));
        distances.any(|distance| distance <= ENTRY * displacement)
    };
    centers.iter().map(is_near).collect()
}

/// Whether directions leave a gap opposite to their mean.
fn has_gap<const D: usize>(directions: &[[f64; D]]) -> bool {
    let mut opposite = [0.0; D];
    for direction in directions {
        for (sum, x) in opposite.iter_mut().zip(direction) {
            *sum -= x;
        }
    }
    let least = WIDEST_GAP * norm(&opposite);
    directions.iter().all(|direction| {
        let along: f64 = direction.iter().zip(opposite).map(|(a, b)| a * b).sum();
        along < least
    })
}

fn difference<const D: usize>(to: &[f64; D], from: &[f64; D]) -> [f64; D] {
    std::array::from_fn(|k| to[k] - from[k])
}

fn norm<const D: usize>(vector: &[f64; D]) -> f64 {
    vector.iter().map(|x| x * x).sum::<f64>().sqrt()
}
