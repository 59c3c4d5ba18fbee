//! Convex polygons in the plane.

use super::{ConvexCell, MIN_RELATIVE_FACE};
use crate::error::check_finite;
use crate::{Error, Result};

/// A polygon thinner than this, relative to its length, is a line and rounding.
const MIN_RELATIVE_WIDTH: f64 = 1e-9;

/// A convex polygon.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvexPolygon {
    corners: Vec<[f64; 2]>,
    /// Number of the center beyond the edge from each corner to the next one, if there is one.
    beyond: Vec<Option<usize>>,
}

impl ConvexPolygon {
    /// The convex hull of some points, by Andrew's monotone chain: O(n log n) time.
    ///
    /// # Errors
    ///
    /// [`Error::InsufficientData`] if the points lie on a line; [`Error::Element`] if a coordinate
    /// is not finite.
    pub fn hull(points: &[[f64; 2]]) -> Result<Self> {
        check_finite("points", points)?;
        let mut sorted = points.to_vec();
        sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        let mut corners = chain(sorted.iter());
        corners.pop();
        corners.extend(chain(sorted.iter().rev()));
        corners.pop();
        let polygon = Self {
            beyond: vec![None; corners.len()],
            corners,
        };
        let length = polygon
            .corners
            .first()
            .map_or(0.0, |&first| farthest(first, &polygon.corners));
        if polygon.area() <= MIN_RELATIVE_WIDTH * length * length {
            return Err(Error::InsufficientData {
                seen: format!("all {} points lie on a line", points.len()),
                needed: "Voronoi cells are cut out of an area: use hexagons or squares".to_owned(),
            });
        }
        Ok(polygon)
    }

    /// The corners, counterclockwise.
    #[must_use]
    pub fn corners(&self) -> &[[f64; 2]] {
        &self.corners
    }

    /// The area.
    #[must_use]
    pub fn area(&self) -> f64 {
        let Some(&[x, y]) = self.corners.first() else {
            return 0.0;
        };
        let triangles = self.corners.windows(2).map(|pair| {
            let [a, b] = [pair[0], pair[1]].map(|corner| [corner[0] - x, corner[1] - y]);
            a[0] * b[1] - a[1] * b[0]
        });
        triangles.sum::<f64>() / 2.0
    }
}

impl ConvexCell<2> for ConvexPolygon {
    fn relative_to(&self, [x, y]: &[f64; 2]) -> Self {
        Self {
            corners: self.corners.iter().map(|c| [c[0] - x, c[1] - y]).collect(),
            beyond: self.beyond.clone(),
        }
    }

    /// Sutherland and Hodgman's clipping.
    fn cut(&mut self, &[dx, dy]: &[f64; 2], number: usize) {
        let bisector = 0.5 * (dx * dx + dy * dy);
        let excess = |[x, y]: [f64; 2]| x * dx + y * dy - bisector;
        if self.corners.iter().all(|&corner| excess(corner) <= 0.0) {
            return;
        }
        let count = self.corners.len();
        let mut kept = Self {
            corners: Vec::with_capacity(count + 1),
            beyond: Vec::with_capacity(count + 1),
        };
        let mut push = |corner, beyond| {
            kept.corners.push(corner);
            kept.beyond.push(beyond);
        };
        for k in 0..count {
            let (a, b) = (self.corners[k], self.corners[(k + 1) % count]);
            let (excess_a, excess_b) = (excess(a), excess(b));
            let crossing = || {
                let part = excess_a / (excess_a - excess_b);
                [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])]
            };
            match (excess_a <= 0.0, excess_b <= 0.0) {
                (true, true) => push(a, self.beyond[k]),
                // A corner on the bisector is the crossing.
                (true, false) if excess_a == 0.0 => push(a, Some(number)),
                (true, false) => {
                    push(a, self.beyond[k]);
                    push(crossing(), Some(number));
                }
                (false, true) if excess_b < 0.0 => push(crossing(), self.beyond[k]),
                (false, _) => {}
            }
        }
        *self = kept;
    }

    fn has_corner(&self, test: impl Fn(&[f64; 2]) -> bool) -> bool {
        self.corners.iter().any(test)
    }

    fn faces(&self) -> Vec<(usize, f64)> {
        let shortest = MIN_RELATIVE_FACE * farthest([0.0; 2], &self.corners);
        let next = self.corners.iter().cycle().skip(1);
        let edges = self.corners.iter().zip(next).zip(&self.beyond);
        let with_length = edges.filter_map(|((a, b), &beyond)| {
            let length = (b[0] - a[0]).hypot(b[1] - a[1]);
            beyond.map(|number| (number, length))
        });
        with_length
            .filter(|(_, length)| *length > shortest)
            .collect()
    }

    fn volume(&self) -> f64 {
        self.area()
    }
}

fn farthest(from: [f64; 2], points: &[[f64; 2]]) -> f64 {
    let distances = points
        .iter()
        .map(|p| (p[0] - from[0]).hypot(p[1] - from[1]));
    distances.fold(0.0, f64::max)
}

/// Half of the hull of sorted points: the part to the right of the way through them.
fn chain<'a>(points: impl Iterator<Item = &'a [f64; 2]>) -> Vec<[f64; 2]> {
    let mut corners: Vec<[f64; 2]> = Vec::new();
    for &point in points {
        while let [.., a, b] = corners[..] {
            if (b[0] - a[0]) * (point[1] - a[1]) > (b[1] - a[1]) * (point[0] - a[0]) {
                break;
            }
            corners.pop();
        }
        corners.push(point);
    }
    corners
}
