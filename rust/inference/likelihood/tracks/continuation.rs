//! The maps of a model at any place: polynomials around the centers of cells.

use super::filter::Local;
use crate::operators::{LocalPolynomials, monomial};

/// What moves molecules beside diffusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Nothing.
    None,
    /// A drift, µm/s, free in each cell.
    Drift,
    /// A force, kT/µm, free in each cell.
    Force,
    /// The force −∇V of a potential, kT.
    Potential,
}

/// The maps of a model, `ln D` first, then V or the components of a vector, continued from the centers of cells:
/// around each, by the coefficients of a polynomial for each map, the coefficients of `ln D` first.
#[derive(Debug, Clone)]
pub(super) struct Continuation<const D: usize> {
    pub(super) field: Field,
    cell_count: usize,
    log_d: LocalPolynomials<D>,
    vector: LocalPolynomials<D>,
    /// Whether the drift that a varying D brings about is a part of the model (Itô's D ∇ln D).
    pub(super) follows_diffusivity: bool,
}

/// How the local maps depend on the coefficients of a cell.
#[derive(Debug, Clone)]
pub(super) struct Rows<const D: usize> {
    pub(super) log_d: Vec<f64>,
    pub(super) field: [Vec<f64>; D],
    pub(super) slope: [[Vec<f64>; D]; D],
}

impl<const D: usize> Continuation<D> {
    pub(super) fn new(
        field: Field,
        cell_count: usize,
        log_d: LocalPolynomials<D>,
        vector: LocalPolynomials<D>,
        follows_diffusivity: bool,
    ) -> Self {
        Self {
            field,
            cell_count,
            log_d,
            vector,
            follows_diffusivity,
        }
    }

    /// Number of maps.
    pub(super) fn map_count(&self) -> usize {
        match self.field {
            Field::None => 1,
            Field::Drift | Field::Force => 1 + D,
            Field::Potential => 2,
        }
    }

    pub(super) fn variable_count(&self) -> usize {
        self.map_count() * self.cell_count
    }

    /// Number of coefficients of a cell.
    pub(super) fn coefficient_count(&self) -> usize {
        (0..self.map_count()).map(|map| self.terms(map).len()).sum()
    }

    /// The terms of the polynomial of a map that matter: all but the constant of a potential.
    fn terms(&self, map: usize) -> std::ops::Range<usize> {
        let first = usize::from(map > 0 && self.field == Field::Potential);
        first..self.polynomials(map).powers().len()
    }

    fn polynomials(&self, map: usize) -> &LocalPolynomials<D> {
        if map == 0 { &self.log_d } else { &self.vector }
    }

    /// The variables that the coefficients of a cell depend on, by map: the variable, the first
    /// coefficient of the map, and what a unit of the variable adds to those of the map.
    pub(super) fn stencil(&self, cell: usize) -> impl Iterator<Item = (usize, usize, &[f64])> {
        let mut first = 0;
        (0..self.map_count()).flat_map(move |map| {
            let terms = self.terms(map);
            let at = first;
            first += terms.len();
            let stencil = self.polynomials(map).stencil(cell);
            stencil.map(move |(other, weights)| {
                (map * self.cell_count + other, at, &weights[terms.clone()])
            })
        })
    }

    /// Coefficients of every cell, one cell after the other.
    pub(super) fn coefficients(&self, x: &[f64]) -> Vec<f64> {
        let count = self.coefficient_count();
        let mut all = vec![0.0; self.cell_count * count];
        for (cell, own) in all.chunks_exact_mut(count).enumerate() {
            for (variable, first, weights) in self.stencil(cell) {
                for (sum, weight) in own[first..].iter_mut().zip(weights) {
                    *sum += weight * x[variable];
                }
            }
        }
        all
    }

    /// Adds derivatives by the coefficients to those by the variables.
    pub(super) fn add_back(&self, by_coefficients: &[f64], gradient: &mut [f64]) {
        let count = self.coefficient_count();
        for (cell, own) in by_coefficients.chunks_exact(count).enumerate() {
            for (variable, first, weights) in self.stencil(cell) {
                let terms = own[first..].iter().zip(weights);
                gradient[variable] += terms.map(|(a, b)| a * b).sum::<f64>();
            }
        }
    }

    pub(super) fn rows(&self) -> Rows<D> {
        let zeros = || vec![0.0; self.coefficient_count()];
        Rows {
            log_d: zeros(),
            field: std::array::from_fn(|_| zeros()),
            slope: std::array::from_fn(|_| std::array::from_fn(|_| zeros())),
        }
    }

    /// Fills in how the maps depend on the coefficients at an offset from a center; outside (`is_inside`
    /// false) there is the D of the cell and no field.
    pub(super) fn fill(&self, offset: &[f64; D], is_inside: bool, rows: &mut Rows<D>) {
        let d_terms = self.log_d.powers().len();
        if !is_inside {
            rows.log_d.fill(0.0);
            rows.log_d[0] = 1.0;
            for a in 0..D {
                rows.field[a].fill(0.0);
                rows.slope[a].iter_mut().for_each(|row| row.fill(0.0));
            }
            return;
        }
        for (k, power) in self.log_d.powers().iter().enumerate() {
            rows.log_d[k] = monomial(offset, power, &[]);
            if self.follows_diffusivity {
                for a in 0..D {
                    rows.field[a][k] = monomial(offset, power, &[a]);
                    for b in 0..D {
                        rows.slope[a][b][k] = monomial(offset, power, &[a, b]);
                    }
                }
            }
        }
        let powers = self.vector.powers();
        match self.field {
            Field::None => {}
            Field::Potential => {
                for (k, power) in powers[1..].iter().enumerate() {
                    for a in 0..D {
                        rows.field[a][d_terms + k] = -monomial(offset, power, &[a]);
                        for b in 0..=a {
                            let second = -monomial(offset, power, &[a, b]);
                            rows.slope[a][b][d_terms + k] = second;
                            rows.slope[b][a][d_terms + k] = second;
                        }
                    }
                }
            }
            Field::Drift | Field::Force => {
                for a in 0..D {
                    let first = d_terms + a * powers.len();
                    for (k, power) in powers.iter().enumerate() {
                        rows.field[a][first + k] = monomial(offset, power, &[]);
                        for b in 0..D {
                            rows.slope[a][b][first + k] = monomial(offset, power, &[b]);
                        }
                    }
                }
            }
        }
    }
}

impl<const D: usize> Rows<D> {
    /// The maps that coefficients make.
    pub(super) fn local(&self, coefficients: &[f64]) -> Local<D> {
        let dot = |row: &[f64]| row.iter().zip(coefficients).map(|(a, b)| a * b).sum();
        Local {
            log_d: dot(&self.log_d),
            field: std::array::from_fn(|a| dot(&self.field[a])),
            slope: std::array::from_fn(|a| std::array::from_fn(|b| dot(&self.slope[a][b]))),
        }
    }

    /// The part of one coefficient in the maps.
    pub(super) fn column(&self, k: usize) -> Local<D> {
        Local {
            log_d: self.log_d[k],
            field: std::array::from_fn(|a| self.field[a][k]),
            slope: std::array::from_fn(|a| std::array::from_fn(|b| self.slope[a][b][k])),
        }
    }

    /// Adds derivatives by the maps to those by the coefficients.
    pub(super) fn add_back(&self, by: &Local<D>, by_coefficients: &mut [f64]) {
        for (k, sum) in by_coefficients.iter_mut().enumerate() {
            *sum += by.log_d * self.log_d[k];
            for a in 0..D {
                *sum += by.field[a] * self.field[a][k];
                for b in 0..D {
                    *sum += by.slope[a][b] * self.slope[a][b][k];
                }
            }
        }
    }
}
