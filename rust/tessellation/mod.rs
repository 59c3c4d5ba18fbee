//! Cutting space into cells.

mod adjacency;
pub mod hexagons;

pub use adjacency::Adjacency;

/// Cells of space: every point belongs to the cell of the nearest center.
#[derive(Debug, Clone, PartialEq)]
pub struct Tessellation<const D: usize> {
    /// One center per cell, in µm.
    pub centers: Vec<[f64; D]>,
    /// Which cells are neighbours; symmetric.
    pub adjacency: Adjacency,
    /// Area or volume of each cell, in µm² or µm³.
    pub volumes: Vec<f64>,
}
