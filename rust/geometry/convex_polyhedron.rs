//! Convex polyhedra in space.

use super::{ConvexCell, MIN_RELATIVE_FACE};
use crate::error::check_finite;
use crate::{Error, Result};

/// A convex polyhedron: its faces, each with corners of its own. Faces that meet have the same
/// corners, to the last bit, because a cut goes through an edge at the same point in both.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvexPolyhedron {
    faces: Vec<Face>,
}

#[derive(Debug, Clone, PartialEq)]
struct Face {
    /// Counterclockwise, seen from outside.
    corners: Vec<[f64; 3]>,
    /// Number of the center beyond it, if there is one.
    beyond: Option<usize>,
}

impl ConvexPolyhedron {
    /// The box around some points.
    ///
    /// # Errors
    ///
    /// [`Error::InsufficientData`] if it has no volume; [`Error::Element`] if a coordinate is not
    /// finite.
    pub fn bounding_box(points: &[[f64; 3]]) -> Result<Self> {
        check_finite("points", points)?;
        let fold = |d: usize, pick: fn(f64, f64) -> f64, start: f64| {
            points.iter().map(|point| point[d]).fold(start, pick)
        };
        let lower: [f64; 3] = std::array::from_fn(|d| fold(d, f64::min, f64::INFINITY));
        let upper: [f64; 3] = std::array::from_fn(|d| fold(d, f64::max, f64::NEG_INFINITY));
        if (0..3).any(|d| upper[d] <= lower[d]) {
            return Err(Error::InsufficientData {
                seen: format!("all {} points lie in a plane", points.len()),
                needed: "Voronoi cells are cut out of a volume: use cubes, or leave z out"
                    .to_owned(),
            });
        }
        // One face below and one above along each axis; the cyclic order of axes keeps the sense.
        let face = |axis: usize, above: bool| {
            let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
            let mut square = [(false, false), (true, false), (true, true), (false, true)];
            if !above {
                square.reverse();
            }
            let corners = square.map(|(u_above, v_above)| {
                std::array::from_fn(|d| {
                    let is_above =
                        (d == axis && above) || (d == u && u_above) || (d == v && v_above);
                    if is_above { upper[d] } else { lower[d] }
                })
            });
            Face {
                corners: corners.to_vec(),
                beyond: None,
            }
        };
        let faces = (0..3).flat_map(|axis| [face(axis, false), face(axis, true)]);
        Ok(Self {
            faces: faces.collect(),
        })
    }

    fn corners(&self) -> impl Iterator<Item = &[f64; 3]> {
        self.faces.iter().flat_map(|face| &face.corners)
    }
}

impl ConvexCell<3> for ConvexPolyhedron {
    fn relative_to(&self, origin: &[f64; 3]) -> Self {
        let faces = self.faces.iter().map(|face| Face {
            corners: face.corners.iter().map(|c| minus(c, origin)).collect(),
            beyond: face.beyond,
        });
        Self {
            faces: faces.collect(),
        }
    }

    /// Clips every face; where they end is the border of a new one.
    fn cut(&mut self, center: &[f64; 3], number: usize) {
        let bisector = 0.5 * dot(center, center);
        let excess = |corner: &[f64; 3]| dot(corner, center) - bisector;
        if !self.has_corner(|corner| excess(corner) > 0.0) {
            return;
        }
        let mut border = Vec::new();
        for face in &mut self.faces {
            face.clip(excess, &mut border);
        }
        self.faces.retain(|face| face.corners.len() > 2);
        let corners = counterclockwise(border, center);
        if corners.len() > 2 {
            self.faces.push(Face {
                corners,
                beyond: Some(number),
            });
        }
    }

    fn has_corner(&self, test: impl Fn(&[f64; 3]) -> bool) -> bool {
        self.corners().any(test)
    }

    fn faces(&self) -> Vec<(usize, f64)> {
        let radius = self.corners().map(length).fold(0.0, f64::max);
        // A face that is as thin as this is an edge and rounding, however long it is.
        let thinnest = MIN_RELATIVE_FACE * radius;
        let wide = self.faces.iter().filter_map(|face| {
            let area = length(&face.area());
            let is_wide = 2.0 * area > thinnest * face.perimeter();
            is_wide.then_some((face.beyond?, area))
        });
        wide.collect()
    }

    /// Sum of the pyramids from one corner to all faces.
    fn volume(&self) -> f64 {
        let Some(apex) = self.corners().next() else {
            return 0.0;
        };
        let pyramids = self
            .faces
            .iter()
            .map(|face| dot(&face.area(), &minus(&face.corners[0], apex)) / 3.0);
        pyramids.sum()
    }
}

impl Face {
    /// Removes what has an excess above zero: Sutherland and Hodgman's clipping. Adds the corners
    /// that have none to a border.
    fn clip(&mut self, excess: impl Fn(&[f64; 3]) -> f64, border: &mut Vec<[f64; 3]>) {
        let mut kept = Vec::with_capacity(self.corners.len() + 1);
        let Some(&(mut last)) = self.corners.last() else {
            return;
        };
        let mut excess_last = excess(&last);
        for &corner in &self.corners {
            let excess_here = excess(&corner);
            if (excess_last < 0.0 && excess_here > 0.0) || (excess_last > 0.0 && excess_here < 0.0)
            {
                // From inside to outside, whichever comes first, so that the other face of the edge
                // gets the same point.
                let crossing = if excess_last < 0.0 {
                    crossing((&last, excess_last), (&corner, excess_here))
                } else {
                    crossing((&corner, excess_here), (&last, excess_last))
                };
                kept.push(crossing);
                border.push(crossing);
            }
            if excess_here <= 0.0 {
                kept.push(corner);
            }
            if excess_here == 0.0 {
                border.push(corner);
            }
            (last, excess_last) = (corner, excess_here);
        }
        self.corners = kept;
    }

    /// The area, as a vector out of the polyhedron.
    fn area(&self) -> [f64; 3] {
        let mut doubled = [0.0; 3];
        for pair in self.corners.windows(2) {
            let [a, b] = [&pair[0], &pair[1]].map(|corner| minus(corner, &self.corners[0]));
            let triangle = cross(&a, &b);
            doubled = std::array::from_fn(|d| doubled[d] + triangle[d]);
        }
        doubled.map(|doubled| doubled / 2.0)
    }

    fn perimeter(&self) -> f64 {
        let next = self.corners.iter().cycle().skip(1);
        let edges = self.corners.iter().zip(next);
        edges.map(|(a, b)| length(&minus(b, a))).sum()
    }
}

fn crossing(
    (inside, excess_inside): (&[f64; 3], f64),
    (outside, excess_outside): (&[f64; 3], f64),
) -> [f64; 3] {
    let part = excess_inside / (excess_inside - excess_outside);
    std::array::from_fn(|d| inside[d] + part * (outside[d] - inside[d]))
}

/// The points of the border of a face, each once, in order around the direction out of it.
fn counterclockwise(border: Vec<[f64; 3]>, out: &[f64; 3]) -> Vec<[f64; 3]> {
    let count = border.len() as f64;
    let mut middle = [0.0; 3];
    for point in &border {
        middle = std::array::from_fn(|d| middle[d] + point[d] / count);
    }
    let out = out.map(|component| component / length(out));
    let least = (0..3).min_by(|&a, &b| out[a].abs().total_cmp(&out[b].abs()));
    let axis = std::array::from_fn(|d| f64::from(u8::from(Some(d) == least)));
    let right = cross(&axis, &out);
    let up = cross(&out, &right);
    let angle = |point: &[f64; 3]| {
        let arm = minus(point, &middle);
        dot(&arm, &up).atan2(dot(&arm, &right))
    };
    let mut around: Vec<_> = border.into_iter().map(|p| (angle(&p), p)).collect();
    around.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut corners: Vec<_> = around.into_iter().map(|(_, point)| point).collect();
    corners.dedup();
    corners
}

fn minus(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    std::array::from_fn(|d| a[d] - b[d])
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    std::array::from_fn(|d| a[(d + 1) % 3] * b[(d + 2) % 3] - a[(d + 2) % 3] * b[(d + 1) % 3])
}

fn length(a: &[f64; 3]) -> f64 {
    dot(a, a).sqrt()
}
