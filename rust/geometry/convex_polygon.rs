//! Convex polygons in the plane.

use crate::error::check_finite;
use crate::{Error, Result};

/// A polygon thinner than this, relative to its length, is a line and rounding.
const MIN_RELATIVE_WIDTH: f64 = 1e-9;

/// A convex polygon that has an area.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvexPolygon {
    corners: Vec<[f64; 2]>,
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
        let polygon = Self { corners };
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
        self.corners.first().map_or(0.0, |&[x, y]| {
            let relative: Vec<_> = self.corners.iter().map(|c| [c[0] - x, c[1] - y]).collect();
            signed_area(&relative)
        })
    }
}

/// Area of a polygon, positive if its corners are counterclockwise.
pub(crate) fn signed_area(corners: &[[f64; 2]]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    let doubled = corners
        .iter()
        .zip(next)
        .map(|(a, b)| a[0] * b[1] - a[1] * b[0]);
    doubled.sum::<f64>() / 2.0
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
