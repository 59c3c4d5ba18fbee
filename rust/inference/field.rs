//! How the vectors of the cells, forces or drifts, follow from the variables of a posterior.

use std::sync::Arc;

use super::{Covariance, Model};
use crate::operators::GradientOperator;
use crate::tessellation::Adjacency;

/// What follows D among the variables of a posterior of m cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field<const D: usize> {
    /// Nothing.
    None,
    /// The vector of each cell, its components side by side.
    Vectors,
    /// A potential at each cell, the force being `−∇V`.
    Potential(Arc<GradientOperator<D>>),
}

impl<const D: usize> Field<D> {
    /// The field of a model over some cells.
    pub(super) fn new(model: Model, centers: &[[f64; D]], adjacency: &Adjacency) -> Self {
        if model == Model::Potential {
            Self::Potential(Arc::new(GradientOperator::new(centers, adjacency)))
        } else if model.has_vector() {
            Self::Vectors
        } else {
            Self::None
        }
    }

    /// Number of variables of each cell.
    pub(super) fn per_cell(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Vectors => D,
            Self::Potential(_) => 1,
        }
    }

    /// The vector of a cell among m, NaN along an axis where it is undefined.
    pub(super) fn vector(&self, x: &[f64], m: usize, cell: usize) -> [f64; D] {
        match self {
            Self::None => [0.0; D],
            Self::Vectors => std::array::from_fn(|axis| x[m + D * cell + axis]),
            Self::Potential(gradient) => {
                let slope = gradient.apply(&x[m..], cell);
                let defined = gradient.defined(cell);
                std::array::from_fn(|axis| {
                    if defined[axis] {
                        -slope[axis]
                    } else {
                        f64::NAN
                    }
                })
            }
        }
    }

    /// Standard deviation of each component of the vector, NaN where that is undefined.
    pub(super) fn deviation(&self, covariance: &Covariance, m: usize, cell: usize) -> [f64; D] {
        let variances = match self {
            Self::None => [0.0; D],
            Self::Vectors => std::array::from_fn(|axis| {
                let variable = m + D * cell + axis;
                covariance.get(variable, variable)
            }),
            Self::Potential(gradient) => {
                let mut variances = [0.0; D];
                for (k, (a, weight_a)) in gradient.row(cell).enumerate() {
                    for (b, weight_b) in gradient.row(cell).take(k + 1) {
                        let twice = if a == b { 1.0 } else { 2.0 };
                        let both = twice * covariance.get(m + a, m + b);
                        for (axis, variance) in variances.iter_mut().enumerate() {
                            *variance += weight_a[axis] * weight_b[axis] * both;
                        }
                    }
                }
                let defined = gradient.defined(cell);
                std::array::from_fn(|axis| {
                    if defined[axis] {
                        variances[axis]
                    } else {
                        f64::NAN
                    }
                })
            }
        };
        // NaN stays.
        variances.map(|variance| variance.clamp(0.0, f64::INFINITY).sqrt())
    }
}
