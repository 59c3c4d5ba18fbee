//! Points within a distance of each cell's center.

use rayon::prelude::*;

use super::Members;
use super::kd_tree::KdTree;
use super::members::check_pairs;
use crate::error::check_finite;
use crate::{Error, Result, threads};

/// The points at most `radius` away from each center, in µm.
///
/// N points and m centers, with p pairs found, take O((N + m) log N + p) time and O(N + p) memory.
///
/// # Errors
///
/// [`Error::Value`] if the radius is not positive and finite, or if there are more than 10⁹ pairs;
/// [`Error::Element`] if a coordinate is not finite.
pub fn within_radius<const D: usize>(
    points: &[[f64; D]],
    centers: &[[f64; D]],
    radius: f64,
) -> Result<Members> {
    check_finite("points", points)?;
    check_finite("centers", centers)?;
    if !(radius > 0.0 && radius.is_finite()) {
        return Err(Error::Value {
            name: "radius",
            seen: format!("{radius} µm"),
            expected: "a positive distance",
        });
    }
    let tree = KdTree::new(points);
    let count = |center| {
        let mut count = 0;
        tree.within(center, radius, &mut |_| count += 1);
        count
    };
    let members = |center| {
        let mut members = vec![];
        tree.within(center, radius, &mut |point| members.push(point));
        members.sort_unstable();
        members
    };
    let pairs = threads::install(|| centers.par_iter().map(count).sum())?;
    check_pairs("radius", &format!("{radius} µm"), pairs)?;
    let lists: Vec<_> = threads::install(|| centers.par_iter().map(members).collect())?;
    Ok(Members::from_lists(&lists))
}
