//! Where along their tracks molecules are, before anything is known of a field.

use super::Tracks;
use super::filter::{Filter, Local, State, Step};
use crate::tessellation::Adjacency;

/// Most steps over which an innovation is said to remember the maps, and what it has left of them then.
const MAX_WINDOW: usize = 12;
const FORGOTTEN: f64 = 0.01;

/// How far from a center, relative to half the distance to the farthest neighbour, a polynomial is
/// trusted.
const REACH: f64 = 1.25;

/// Where the maps are taken for the step that a localization begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<const D: usize> {
    /// The filtered position, µm.
    pub(super) position: [f64; D],
    /// The cell with the nearest center; for one outside, the last one of the track before it.
    pub(super) cell: usize,
    /// The position relative to the center, no farther than the polynomial reaches.
    pub(super) offset: [f64; D],
    /// Whether the localization is in a cell.
    pub(super) is_inside: bool,
}

/// Filters every track with the D of each cell, and no field.
pub(super) fn places<const D: usize>(
    tracks: &Tracks<D>,
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    log_d: &[f64],
    filter: Filter,
) -> Vec<Place<D>> {
    let reach: Vec<f64> = (0..centers.len())
        .map(|cell| {
            let around = adjacency.neighbours(cell).iter();
            let half = around.map(|&j| 0.5 * squared(&centers[cell], &centers[j]).sqrt());
            REACH * half.fold(0.0, f64::max)
        })
        .collect();
    let mut places = Vec::with_capacity(tracks.positions().len());
    for track in 0..tracks.count() {
        let range = tracks.range(track);
        let mut cell = range.clone().find_map(|k| tracks.cells()[k]).unwrap_or(0);
        let mut state: Option<State<D>> = None;
        for index in range {
            let seen = tracks.positions()[index];
            let after = match state {
                None => filter.first(seen, tracks.noise()[index], log_d[cell]),
                Some(before) => {
                    let step = Step {
                        lag: tracks.times()[index] - tracks.times()[index - 1],
                        seen,
                        noise: tracks.noise()[index],
                        about: before.mean,
                        counts: false,
                    };
                    let local = Local {
                        log_d: log_d[cell],
                        field: [0.0; D],
                        slope: [[0.0; D]; D],
                    };
                    filter.step(before, &step, &local).after
                }
            };
            state = Some(after);
            let position = after.mean;
            if let Some(own) = tracks.cells()[index] {
                cell = nearest(own, &position, centers, adjacency);
            }
            let mut offset: [f64; D] = std::array::from_fn(|d| position[d] - centers[cell][d]);
            let distance = offset.iter().map(|x| x * x).sum::<f64>().sqrt();
            if distance > reach[cell] {
                offset = offset.map(|x| x * reach[cell] / distance);
            }
            places.push(Place {
                position,
                cell,
                offset,
                is_inside: tracks.cells()[index].is_some(),
            });
        }
    }
    places
}

/// The cell with the nearest center, going from neighbour to neighbour.
fn nearest<const D: usize>(
    mut cell: usize,
    position: &[f64; D],
    centers: &[[f64; D]],
    adjacency: &Adjacency,
) -> usize {
    let mut distance = squared(position, &centers[cell]);
    loop {
        let mut next = cell;
        for &other in adjacency.neighbours(cell) {
            let to_other = squared(position, &centers[other]);
            if to_other < distance {
                (distance, next) = (to_other, other);
            }
        }
        if next == cell {
            return cell;
        }
        cell = next;
    }
}

/// Over how many steps an innovation remembers the maps: what it has of those before falls off by one
/// less the gain with each step.
pub(super) fn window<const D: usize>(
    tracks: &Tracks<D>,
    places: &[Place<D>],
    log_d: &[f64],
    filter: Filter,
) -> usize {
    // The gain that many equal steps come to, with typical noise, lag and D.
    let mut kept = Vec::new();
    for track in 0..tracks.count() {
        let Some(index) = tracks.range(track).nth(1) else {
            continue;
        };
        let spread = 2.0
            * log_d[places[index].cell].exp()
            * (tracks.times()[index] - tracks.times()[index - 1]);
        let noise = tracks.noise()[index];
        let blur = filter.exposure * log_d[places[index].cell].exp();
        let mut variance = noise;
        let mut gain = 1.0;
        for _ in 0..50 {
            let predicted = variance + spread;
            let s = predicted - 4.0 / 3.0 * blur + noise;
            gain = (predicted - blur) / s;
            variance = predicted - gain * gain * s;
        }
        kept.push((1.0 - gain).abs());
    }
    kept.sort_by(f64::total_cmp);
    let typical = kept.get(kept.len() / 2).copied().unwrap_or(0.0);
    if typical < 1e-3 {
        return 1;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a small positive number
    let steps = (FORGOTTEN.ln() / typical.ln()).ceil() as usize;
    steps.clamp(1, MAX_WINDOW)
}

fn squared<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
