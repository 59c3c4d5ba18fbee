//! Cutting space into cells.

mod adjacency;
pub mod gwr;
pub mod hexagons;
pub mod kmeans;
mod local_radii;
mod margin;
pub mod merging;
mod midpoints;
mod moving_centers;
pub mod quad_tree;
pub mod random;
pub mod settings;
mod shared_edges;
pub mod squares;
mod voronoi;

pub use adjacency::Adjacency;
pub use margin::{WithMargin, with_margin};
pub use midpoints::Midpoints;
pub use shared_edges::{SharedEdge, shared_edges, towards_neighbours};
pub use voronoi::{Face, face_sizes, outlines, voronoi};

use crate::{Error, Result};
use settings::Settings;

/// More cells than this are a mistake in units, not a tessellation.
const MAX_CELLS: f64 = 1e7;

/// Cells of space.
#[derive(Debug, Clone, PartialEq)]
pub struct Tessellation<const D: usize> {
    /// One center per cell, in µm.
    pub centers: Vec<[f64; D]>,
    /// Which cells are neighbours; symmetric.
    pub adjacency: Adjacency,
    /// Area or volume of each cell, in µm² or µm³.
    pub volumes: Vec<f64>,
}

/// Places centers among points, by the way of a name: that of a module beside this one.
///
/// # Errors
///
/// [`Error::Value`] if there is none of that name, or a setting is missing or wrong; and those of
/// the module.
pub fn place<const D: usize>(
    name: &str,
    points: &[[f64; D]],
    settings: &Settings,
) -> Result<Vec<[f64; D]>> {
    match name {
        "gwr" => gwr::place(points, settings),
        "kmeans" => kmeans::place(points, settings),
        "random" => random::place(points, settings),
        _ => Err(Error::Value {
            name: "name",
            seen: format!("'{name}'"),
            expected: "a module of `tessellation` that places centers",
        }),
    }
}

fn check_spacing(spacing: f64) -> Result<()> {
    if spacing > 0.0 && spacing.is_finite() {
        return Ok(());
    }
    Err(Error::Value {
        name: "spacing",
        seen: format!("{spacing} µm"),
        expected: "a positive distance between cell centers",
    })
}

fn check_count(count: f64, min_spacing: f64) -> Result<()> {
    if !(count > 0.0 && count <= MAX_CELLS) {
        return Err(Error::Value {
            name: "count",
            seen: count.to_string(),
            expected: "a positive number of cells, at most ten million",
        });
    }
    if !(min_spacing >= 0.0 && min_spacing.is_finite()) {
        return Err(Error::Value {
            name: "min_spacing",
            seen: format!("{min_spacing} µm"),
            expected: "a distance between cell centers, or 0",
        });
    }
    Ok(())
}

/// Checks how many cells a spacing takes, before they are made.
fn check_cells(spacing: f64, extent: &[f64], cells: f64) -> Result<()> {
    if cells <= MAX_CELLS {
        return Ok(());
    }
    let extent: Vec<String> = extent.iter().map(f64::to_string).collect();
    Err(Error::Value {
        name: "spacing",
        seen: format!(
            "{spacing} µm for an extent of {} µm, {cells:.1e} cells",
            extent.join(" × ")
        ),
        expected: "at most ten million cells: are the coordinates in µm?",
    })
}
