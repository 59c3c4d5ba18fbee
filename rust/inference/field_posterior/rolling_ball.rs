//! What a ball reaches that rolls around data.

use crate::assignment::Outwards;
use crate::geometry::bounds_and_mean;

/// Nodes of the grid that the center of the ball moves on: so many along its radius, if there are not more
/// than so many in all.
const PER_RADIUS: f64 = 4.0;
const MOST_NODES: f64 = 262_144.0;

/// Which places a ball reaches that comes from outside and cannot go where data are (all that is not in their
/// α-shape; Edelsbrunner, Kirkpatrick & Seidel, IEEE Trans. Inf. Theory 29, 551, 1983).
///
/// Takes O(g log n) for n data and g nodes of a grid with four of them along the radius, of which there are
/// at most 2¹⁸.
pub(super) fn reached<const D: usize>(
    places: &[[f64; D]],
    data: &[[f64; D]],
    radius: f64,
) -> Vec<bool> {
    let all: Vec<[f64; D]> = places.iter().chain(data).copied().collect();
    let [lower, upper, _] = bounds_and_mean(&all);
    let lower = lower.map(|x| x - 2.0 * radius);
    let extent: [f64; D] = std::array::from_fn(|d| upper[d] + 2.0 * radius - lower[d]);
    let volume: f64 = extent.iter().product();
    let step = (radius / PER_RADIUS).max((volume / MOST_NODES).powf(1.0 / D as f64));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some hundreds
    let shape = extent.map(|length| (length / step).ceil() as usize + 1);
    let place = |mut node: usize| -> [f64; D] {
        std::array::from_fn(|d| {
            let at = node % shape[d];
            node /= shape[d];
            lower[d] + step * at as f64
        })
    };
    let is_within = |points: &Outwards<D>, place: &[f64; D]| {
        let nearest = points.from(place).next(|_| true);
        nearest.is_some_and(|found| found.squared_distance <= radius * radius)
    };

    let data = Outwards::new(data);
    let mut is_seen = vec![false; shape.iter().product()];
    is_seen[0] = true; // a corner of the grid, which is outside
    let mut nodes = vec![0];
    let mut centers = vec![place(0)];
    while let Some(node) = nodes.pop() {
        let mut stride = 1;
        for length in shape {
            let at = node / stride % length;
            let below = (at > 0).then(|| node - stride);
            let above = (at + 1 < length).then(|| node + stride);
            for next in below.into_iter().chain(above) {
                if std::mem::replace(&mut is_seen[next], true) {
                    continue;
                }
                let center = place(next);
                if !is_within(&data, &center) {
                    centers.push(center);
                    nodes.push(next);
                }
            }
            stride *= length;
        }
    }
    let centers = Outwards::new(&centers);
    places.iter().map(|p| is_within(&centers, p)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disc of radius 1 with a bay of width 0.4 up to its center and a hole of radius 0.3 in it.
    fn disc() -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
        let at = |k: i32| 0.05 * f64::from(k % 61) - 1.5;
        let places = (0..61 * 61).map(|k| [at(k), at(k / 61)]);
        let is_data = |[x, y]: &[f64; 2]| {
            let is_in_bay = *x > 0.0 && y.abs() < 0.2;
            x.hypot(*y) < 1.0 && !is_in_bay && (x + 0.5).hypot(*y) > 0.3
        };
        places.partition(is_data)
    }

    #[test]
    fn a_ball_reaches_bays_that_are_wider_and_no_holes() {
        let (data, rest) = disc();
        for (radius, reaches_bay) in [(0.12, true), (0.35, false), (3.0, false)] {
            for (place, is_reached) in rest.iter().zip(reached(&rest, &data, radius)) {
                let [x, y] = *place;
                let is_hole = (x + 0.5).hypot(y) <= 0.3;
                let is_in_bay = x > 0.1 && x < 0.6 && y.abs() < 0.1;
                if is_hole {
                    assert!(!is_reached, "{radius}: {place:?}");
                } else if is_in_bay {
                    assert_eq!(is_reached, reaches_bay, "{radius}: {place:?}");
                } else if x.hypot(y) > 1.1 + 0.15 * radius {
                    assert!(is_reached, "{radius}: {place:?}");
                }
            }
        }
        assert!(!reached(&data, &data, 0.12).contains(&true));
    }

    #[test]
    fn it_rolls_in_space_too() {
        let at = |k: i32| 0.1 * f64::from(k) - 0.5;
        let places = (0..11 * 11 * 11).map(|k| [at(k % 11), at(k / 11 % 11), at(k / 121)]);
        let is_data = |p: &[f64; 3]| p.iter().map(|x| x * x).sum::<f64>() > 0.04;
        let (data, hole): (Vec<_>, Vec<_>) = places.partition(is_data);
        assert!(!hole.is_empty());
        assert!(!reached(&hole, &data, 0.3).contains(&true));
        assert_eq!(reached(&[[1.0; 3]], &data, 0.3), [true]);
    }
}
