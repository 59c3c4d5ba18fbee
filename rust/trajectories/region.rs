//! What regions are: boxes, polygons, and several of these together.

use super::Columns;
use crate::error::check_length;
use crate::geometry::Polygon;
use crate::{Error, Result};

/// What a region is made of; borders belong to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Area {
    /// As many lower and upper bounds as there are coordinates, and one more if it is limited in time;
    /// they may be infinite.
    Box(Vec<f64>, Vec<f64>),
    /// A polygon in the plane.
    Polygon(Polygon),
}

/// Some areas together.
pub(super) struct Region<'a, const D: usize> {
    /// Around each area.
    pub(super) limits: Vec<Limits<D>>,
    /// What an area is, if not all within its limits.
    polygons: Vec<Option<&'a Polygon>>,
    /// Whether each time is one of the region, and of all of its areas.
    is_of_all_times: bool,
    is_all_of_all_times: bool,
}

impl<'a, const D: usize> Region<'a, D> {
    pub(super) fn new(areas: &'a [Area]) -> Result<Self> {
        let limits: Vec<Limits<D>> = areas.iter().map(Limits::around).collect::<Result<_>>()?;
        let polygons = areas.iter().map(|area| match area {
            Area::Box(..) => None,
            Area::Polygon(polygon) => Some(polygon),
        });
        Ok(Self {
            polygons: polygons.collect(),
            is_of_all_times: limits.iter().any(Limits::is_of_all_times),
            is_all_of_all_times: limits.iter().all(Limits::is_of_all_times),
            limits,
        })
    }

    /// Rows in any area, ascending, out of those within the limits of each, ascending.
    pub(super) fn inside(&self, columns: &Columns<'_, D>, mut near: Vec<Vec<usize>>) -> Vec<usize> {
        for (rows, polygon) in near.iter_mut().zip(&self.polygons) {
            if let Some(polygon) = polygon {
                let mut is_in = are_in(polygon, columns, rows).into_iter();
                rows.retain(|_| is_in.next().unwrap_or(false));
            }
        }
        if near.len() == 1 {
            return near.swap_remove(0);
        }
        let mut rows = near.concat();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Whether a time is one of any area.
    pub(super) fn is_in_time(&self, time: f64) -> bool {
        self.is_of_all_times || self.limits.iter().any(|limits| limits.is_in_time(time))
    }

    /// Whether there is an area that a row is in until some later time.
    pub(super) fn stays_until(&self, columns: &Columns<'_, D>, row: usize, time: f64) -> bool {
        let (place, begin) = (&columns.coordinates[row], columns.time[row]);
        let is_in = |(limits, polygon): (&Limits<D>, Option<&Polygon>)| {
            time <= limits.end
                && limits.contain(place, begin)
                && polygon.is_none_or(|polygon| are_in(polygon, columns, &[row])[0])
        };
        self.is_all_of_all_times
            || self
                .limits
                .iter()
                .zip(self.polygons.iter().copied())
                .any(is_in)
    }
}

fn are_in<const D: usize>(
    polygon: &Polygon,
    columns: &Columns<'_, D>,
    rows: &[usize],
) -> Vec<bool> {
    let place = |&row: &usize| [columns.coordinates[row][0], columns.coordinates[row][1]];
    polygon.contains(&rows.iter().map(place).collect::<Vec<_>>())
}

/// A box in space, and in time, be it from and to infinity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits<const D: usize> {
    pub(super) lower: [f64; D],
    pub(super) upper: [f64; D],
    begin: f64,
    end: f64,
}

impl<const D: usize> Limits<D> {
    fn new(lower: &[f64], upper: &[f64]) -> Result<Self> {
        check_bounds(D, lower, upper)?;
        Ok(Self {
            lower: std::array::from_fn(|d| lower[d]),
            upper: std::array::from_fn(|d| upper[d]),
            begin: lower.get(D).copied().unwrap_or(f64::NEG_INFINITY),
            end: upper.get(D).copied().unwrap_or(f64::INFINITY),
        })
    }

    fn around(area: &Area) -> Result<Self> {
        match area {
            Area::Box(lower, upper) => Self::new(lower, upper),
            Area::Polygon(polygon) if D == 2 => {
                let (lower, upper) = polygon.bounds();
                Self::new(lower, upper)
            }
            Area::Polygon(_) => Err(Error::Value {
                name: "areas",
                seen: "a polygon, and the trajectories have z".to_owned(),
                expected: "boxes: polygons limit regions in the plane",
            }),
        }
    }

    /// Whether a place and a time are within.
    pub(super) fn contain(&self, place: &[f64; D], time: f64) -> bool {
        (0..D).all(|d| self.lower[d] <= place[d] && place[d] <= self.upper[d])
            && self.is_in_time(time)
    }

    fn is_in_time(&self, time: f64) -> bool {
        self.begin <= time && time <= self.end
    }

    fn is_of_all_times(&self) -> bool {
        self.begin == f64::NEG_INFINITY && self.end == f64::INFINITY
    }
}

fn check_bounds(dimension: usize, lower: &[f64], upper: &[f64]) -> Result<()> {
    check_length("upper", upper.len(), lower.len(), "`lower`")?;
    if lower.len() != dimension && lower.len() != dimension + 1 {
        return Err(Error::Value {
            name: "lower",
            seen: format!("{} bounds", lower.len()),
            expected: "one per space coordinate, and one for time if wanted",
        });
    }
    match (0..lower.len()).find(|&d| lower[d].is_nan() || upper[d].is_nan() || lower[d] > upper[d])
    {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            name: "lower",
            index,
            seen: format!("{}, with upper bound {}", lower[index], upper[index]),
            expected: "a number not above the upper bound",
        }),
    }
}
