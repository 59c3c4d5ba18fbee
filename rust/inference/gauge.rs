//! The gauge of potentials: they are known up to one constant in each connected set of cells.

use super::components::Components;
use super::field::Field;
use super::{Posterior, Quantity};

impl<const D: usize> Posterior<D> {
    /// Shifts the potential so that its least value in each connected set of cells is zero; that of a
    /// cell without neighbours, about which nothing is said, becomes NaN. Without effect in a model
    /// that has no potential.
    pub fn normalize_potential(&self, x: &mut [f64]) {
        if !matches!(self.field(), Field::Potential(_)) {
            return;
        }
        let potential = &mut x[self.cell_count()..];
        let sets = self.potential_components();
        let mut least = vec![f64::INFINITY; sets.count()];
        let mut size = vec![0_usize; sets.count()];
        for (&set, &v) in sets.numbers.iter().zip(potential.iter()) {
            least[set] = least[set].min(v);
            size[set] += 1;
        }
        for (&set, v) in sets.numbers.iter().zip(potential) {
            *v = if size[set] > 1 {
                *v - least[set]
            } else {
                f64::NAN
            };
        }
    }

    /// The connected sets of cells, whose potentials are known up to one constant.
    pub(super) fn potential_components(&self) -> &Components {
        self.priors().components(Quantity::Field)
    }

    /// Variables that have to stay where they are while the maximum is searched: the potential of one cell of
    /// each connected set whose mean no prior speaks of.
    pub(super) fn pinned_potentials(&self) -> Vec<usize> {
        let m = self.cell_count();
        match self.field() {
            Field::Potential(_) => self.fullest_cells().map(|cell| m + cell).collect(),
            Field::None | Field::Vectors => Vec::new(),
        }
    }

    /// For each connected set of cells whose mean potential no prior speaks of, its first cell among
    /// those with most displacements.
    fn fullest_cells(&self) -> impl Iterator<Item = usize> {
        let sets = self.potential_components();
        let mut fullest: Vec<Option<usize>> = vec![None; sets.count()];
        for (cell, &set) in sets.numbers.iter().enumerate() {
            let count = |cell| self.statistics().count(cell);
            if sets.is_free(cell) && fullest[set].is_none_or(|best| count(cell) > count(best)) {
                fullest[set] = Some(cell);
            }
        }
        fullest.into_iter().flatten()
    }
}
