//! Which variables of a map its priors connect.

use crate::operators::QuadraticForm;

/// A form with its weight.
pub(super) type Weighted<'a> = (f64, &'a QuadraticForm);

/// The sets of variables of a map that some forms connect, numbered by their first variables.
#[derive(Debug, Clone)]
pub(super) struct Components {
    /// Number of the set that each variable is in.
    pub(super) numbers: Vec<usize>,
    /// First variable of each set.
    pub(super) firsts: Vec<usize>,
    /// For each set, whether no prior speaks of its mean.
    are_free: Vec<bool>,
}

impl Components {
    pub(super) fn new(forms: &[Weighted<'_>], size: usize) -> Self {
        // Every variable points to one of its set, no higher than itself; the first of a set to itself.
        let mut toward: Vec<usize> = (0..size).collect();
        let first = |toward: &mut Vec<usize>, mut i: usize| {
            while toward[i] != i {
                toward[i] = toward[toward[i]];
                i = toward[i];
            }
            i
        };
        for (i, j, _) in forms.iter().flat_map(|(_, form)| form.entries()) {
            let (a, b) = (first(&mut toward, i), first(&mut toward, j));
            toward[a.max(b)] = a.min(b);
        }
        // Numbers take the place of what points to lower variables, which have theirs by then.
        let mut numbers = toward;
        let mut firsts = Vec::new();
        for i in 0..size {
            if numbers[i] == i {
                numbers[i] = firsts.len();
                firsts.push(i);
            } else {
                numbers[i] = numbers[numbers[i]];
            }
        }
        let mut are_free = vec![true; firsts.len()];
        for &(i, _) in forms.iter().flat_map(|(_, form)| form.squares()) {
            are_free[numbers[i]] = false;
        }
        Self {
            numbers,
            firsts,
            are_free,
        }
    }

    /// Number of sets.
    pub(super) fn count(&self) -> usize {
        self.firsts.len()
    }

    /// Whether no prior speaks of the mean of the set that a variable is in.
    pub(super) fn is_free(&self, variable: usize) -> bool {
        self.are_free[self.numbers[variable]]
    }

    /// Number of combinations of variables that the priors speak of.
    pub(super) fn rank(&self) -> usize {
        self.numbers.len() - self.are_free.iter().filter(|is_free| **is_free).count()
    }
}
