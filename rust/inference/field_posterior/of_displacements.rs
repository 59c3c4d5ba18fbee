//! The posterior of displacements by themselves.

use std::sync::Arc;

use super::{FieldPosterior, Mesh, Parts};
use crate::Result;
use crate::inference::Model;
use crate::inference::cells::{Cells, check_not_negative};
use crate::inference::field::Field;
use crate::inference::likelihood::{Evaluation, Likelihood, OfFields, of_displacements};
use crate::optimizer::{Curvature, SymmetricPattern};
use crate::statistics::CellStatistics;

/// The likelihood of displacements, in the logarithm of D and over all cells.
#[derive(Debug)]
struct InFields<const D: usize> {
    inner: Box<dyn Likelihood<D>>,
    inner_pattern: SymmetricPattern,
    /// Number of cells with data: as many variables of the inner likelihood are D.
    diffusivities: usize,
    /// The variable of the fields that each inner one is.
    variables: Vec<usize>,
}

impl<const D: usize> OfFields for InFields<D> {
    fn couplings(&self) -> Vec<(usize, usize)> {
        let (starts, rows) = (self.inner_pattern.starts(), self.inner_pattern.rows());
        let of_column = |column: usize| {
            let rows = rows[starts[column]..starts[column + 1]].iter();
            rows.map(move |&row| (self.variables[row as usize], self.variables[column]))
        };
        (0..self.variables.len()).flat_map(of_column).collect()
    }

    fn evaluate(&self, x: &[f64], pattern: &SymmetricPattern) -> Evaluation {
        let is_d = |k: usize| k < self.diffusivities;
        let inner: Vec<f64> = (0..self.variables.len())
            .map(|k| {
                let value = x[self.variables[k]];
                if is_d(k) { value.exp() } else { value }
            })
            .collect();
        // dD = D d ln D
        let scale = |k: usize| if is_d(k) { inner[k] } else { 1.0 };
        let mut by = vec![0.0; inner.len()];
        self.inner.add_gradient(&inner, &mut by);
        let mut values = vec![0.0; self.inner_pattern.len()];
        self.inner.add_curvature(
            &inner,
            Curvature::Expected,
            &self.inner_pattern,
            &mut values,
        );
        let mut found = Evaluation {
            value: self.inner.value(&inner),
            gradient: vec![0.0; x.len()],
            curvature: vec![0.0; pattern.len()],
        };
        let (starts, rows) = (self.inner_pattern.starts(), self.inner_pattern.rows());
        for (column, by) in by.iter().enumerate() {
            let variable = self.variables[column];
            found.gradient[variable] = scale(column) * by;
            for slot in starts[column]..starts[column + 1] {
                let row = rows[slot] as usize;
                let place = pattern.slot(self.variables[row], variable);
                found.curvature[place] += scale(row) * scale(column) * values[slot];
            }
        }
        found
    }
}

impl<const D: usize> FieldPosterior<D> {
    /// Prepares the posterior of displacements, with the noise of a precision that all localizations
    /// share beside what the statistics tell.
    ///
    /// # Errors
    ///
    /// If lengths differ, a center or volume is not finite and positive, the precision is negative, or
    /// no cell holds displacements; for a potential, no two neighbouring ones.
    pub fn of_displacements(
        model: Model,
        mesh: &Mesh<'_, D>,
        statistics: &CellStatistics<D>,
        localization_precision: f64,
    ) -> Result<Self> {
        let whole = mesh.with_margin(model)?;
        check_not_negative(&[("localization_precision", localization_precision)])?;
        let cells = Cells::with_data(
            mesh.centers,
            mesh.adjacency.clone(),
            mesh.volumes,
            statistics.clone(),
            localization_precision,
        )?;
        cells.check_enough_for(model)?;
        let (m, held) = (whole.centers.len(), cells.numbers.len());
        let field = Field::new(model, &cells.centers, &cells.adjacency);
        let variable = |k: usize| match (k / held, &field) {
            (0, _) => cells.numbers[k],
            (_, Field::Vectors) => {
                let (cell, axis) = ((k - held) / D, (k - held) % D);
                m * (1 + axis) + cells.numbers[cell]
            }
            _ => m + cells.numbers[k - held],
        };
        let variables: Vec<usize> = (0..held * (1 + field.per_cell())).map(variable).collect();
        let vector = |cell: usize| {
            std::array::from_fn(|axis| match &field {
                Field::Vectors => vec![(variables[held + D * cell + axis], 1.0)],
                Field::Potential(gradient) if gradient.defined(cell)[axis] => {
                    let row = gradient.row(cell);
                    row.map(|(other, weight)| (variables[held + other], -weight[axis]))
                        .collect()
                }
                Field::None | Field::Potential(_) => Vec::new(),
            })
        };
        let vectors = (0..held).map(vector).collect();
        let log_d = mean_log_diffusivity(&cells.statistics);
        let mut inner = of_displacements(model, &Arc::new(cells.statistics), &field);
        let couplings = inner.couplings();
        let inner_pattern =
            SymmetricPattern::by_columns(variables.len(), couplings.at_most, &couplings.tell_rows);
        drop(couplings);
        inner.locate(&inner_pattern);
        let likelihood = Box::new(InFields {
            inner,
            inner_pattern,
            diffusivities: held,
            variables,
        });
        let parts = Parts {
            model,
            likelihood,
            cells: cells.numbers,
            vectors,
            log_d,
            fields: mesh.fields(&whole, model),
            equilibrium: None,
        };
        Ok(Self::new(mesh, whole, parts))
    }
}

/// Logarithm of the diffusivity that matches the mean square of all displacements.
fn mean_log_diffusivity<const D: usize>(statistics: &CellStatistics<D>) -> f64 {
    let (mut spread, mut time) = (0.0, 0.0);
    for group in (0..statistics.cell_count()).flat_map(|cell| statistics.cell(cell)) {
        spread += 0.5 * group.sum_of_squares / D as f64 - group.count * group.noise;
        time += group.count * group.diffusion_time;
    }
    (spread / time).max(1e-4).ln()
}
