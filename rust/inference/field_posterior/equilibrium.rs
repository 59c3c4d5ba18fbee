//! What the places where tracks begin tell of the potential, if molecules are in equilibrium.

use super::density::Density;
use super::rolling_ball::reached;
use crate::inference::likelihood::tracks::{Starts, Tracks, starts_in_cells};
use crate::operators::{LocalPolynomials, Matern};
use crate::tessellation::Adjacency;

/// Where neighbours of a cell leave a wider gap, cosine of half its angle, there the tessellation ends: 0.5
/// where one of six is missing, 0.58 in a lattice of cubes.
const WIDEST_GAP: f64 = 0.53;
/// Within this many root mean squares of a displacement from a cell at the border, a track may have come
/// in from outside when it is first seen.
const ENTRY: f64 = 2.0;
/// In one of so many cells with data, tracks may begin more sparsely than is reckoned with; probability that a
/// ball is empty by chance in the others.
const SPARSEST: usize = 20;
const EMPTY: f64 = 1e-3;

/// The likelihood of where tracks begin, given V, and how well any other density tells it.
#[derive(Debug)]
pub(super) struct Equilibrium {
    pub(super) starts: Starts,
    /// The cells that count, ascending.
    pub(super) cells: Vec<usize>,
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
        let cells = (0..volumes.len()).filter(|&cell| volumes[cell] > 0.0);
        Self {
            cells: cells.collect(),
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

/// Which cells of a tessellation do not tell where tracks begin, given those that hold data: the cells at its
/// border, those that a ball of some radius reaches from outside without touching data, and what is so near
/// that a track that is first seen there may have come in.
///
/// To leave out every empty cell that there is a way to through empty ones would be to choose by the very
/// numbers that are then said to be random: where a quarter of the cells is empty by chance, the density of
/// the rest is a third too high. A ball that is [nowhere empty by chance](empty_ball) does not enter there.
///
/// Takes O(n) for n cells of few neighbours, O(n b) for b cells at the border, and the ball.
pub(super) fn outside<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    with_data: &[usize],
    radius: f64,
    displacement: f64,
) -> Vec<bool> {
    let is_at_border = |cell: usize| {
        let unit = |&other: &usize| {
            let offset = difference(&centers[other], &centers[cell]);
            let length = norm(&offset);
            offset.map(|x| x / length)
        };
        let neighbours = adjacency.neighbours(cell).iter();
        has_gap(&neighbours.map(unit).collect::<Vec<_>>())
    };
    let data: Vec<[f64; D]> = with_data.iter().map(|&cell| centers[cell]).collect();
    let is_reached = reached(centers, &data, radius);
    let is_beside = |cell: usize| {
        let mut near = adjacency.neighbours(cell).iter();
        is_reached[cell] || near.any(|&other| is_reached[other])
    };
    let border: Vec<[f64; D]> = (0..centers.len())
        .filter(|&cell| is_at_border(cell) || is_beside(cell))
        .map(|cell| centers[cell])
        .collect();
    let is_near = |center: &[f64; D]| {
        let mut distances = border.iter().map(|b| norm(&difference(b, center)));
        distances.any(|distance| distance <= ENTRY * displacement)
    };
    centers.iter().map(is_near).collect()
}

/// Radius of a ball in which some track begins in all probability, wherever there are data: where tracks
/// begin most sparsely, too.
pub(super) fn empty_ball<const D: usize>(density: &Density, with_data: &[usize]) -> f64 {
    let mut log: Vec<f64> = with_data.iter().map(|&cell| density.log[cell]).collect();
    log.sort_unstable_by(f64::total_cmp);
    let sparse = log[log.len() / SPARSEST].exp();
    let unit = if D == 2 {
        std::f64::consts::PI
    } else {
        4.0 / 3.0 * std::f64::consts::PI
    };
    (-EMPTY.ln() / (unit * sparse)).powf(1.0 / D as f64)
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
