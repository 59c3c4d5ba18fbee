//! Where a symmetric sparse matrix is not zero.

use std::sync::{Arc, OnceLock};

use super::Analysis;

/// Added to the diagonal, relative to it, so that a matrix that is singular but for rounding, along
/// a direction that nothing in the data or the priors decides, gives a short step and not a wild one.
const RELATIVE_RIDGE: f64 = 1e-11;

/// Takes the held variables out of a symmetric matrix: their rows and columns become those of the
/// identity. The diagonal of the others is raised a little.
pub fn mask(pattern: &SymmetricPattern, values: &mut [f64], held: &[bool]) {
    for column in 0..pattern.size() {
        let range = pattern.starts[column]..pattern.starts[column + 1];
        for (&row, value) in pattern.rows[range.clone()].iter().zip(&mut values[range]) {
            let row = row as usize;
            if row != column {
                if held[column] || held[row] {
                    *value = 0.0;
                }
            } else if held[column] || *value == 0.0 {
                *value = 1.0;
            } else {
                *value += RELATIVE_RIDGE * value.abs();
            }
        }
    }
}

/// The lower triangle of a symmetric matrix, by columns, each column's rows ascending. Every
/// diagonal entry is present.
#[derive(Debug, Clone)]
pub struct SymmetricPattern {
    starts: Arc<Vec<usize>>,
    rows: Arc<Vec<u32>>,
    /// Coordinates of each row, those of one after those of another, and how many; none where unknown.
    places: Option<(Arc<Vec<f64>>, usize)>,
    /// Made when it is first asked for.
    analysis: OnceLock<Analysis>,
}

impl PartialEq for SymmetricPattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.starts, &self.rows) == (&other.starts, &other.rows)
    }
}

impl Eq for SymmetricPattern {}

impl SymmetricPattern {
    /// Pattern of a matrix of `size` rows with the given entries, in any order and triangle, and
    /// any number of times; the diagonal is added. O(n log k) for n entries, k in a column.
    ///
    /// # Panics
    ///
    /// If an entry is outside the matrix, or there are 2³² rows.
    #[must_use]
    pub fn new(size: usize, entries: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let entries: Vec<(usize, usize)> = entries.into_iter().collect();
        Self::told(size, |tell| entries.iter().for_each(|&(i, j)| tell(i, j)))
    }

    /// As [`SymmetricPattern::new`], of the entries that `tell_all` tells, one by one, each time that it is
    /// called: nobody needs to have a list of them, which would take more memory than all else.
    ///
    /// # Panics
    ///
    /// As there.
    #[must_use]
    pub fn told(size: usize, tell_all: impl Fn(&mut dyn FnMut(usize, usize))) -> Self {
        let short = |number: usize| u32::try_from(number).expect("fewer than 2³² variables");
        let mut ends = vec![0; size + 1];
        ends[1..].fill(1); // the diagonal
        tell_all(&mut |i, j| {
            let (column, row) = (i.min(j), i.max(j));
            assert!(
                row < size,
                "entry ({row}, {column}) of a matrix of {size} rows"
            );
            ends[column + 1] += 1;
        });
        for column in 0..size {
            ends[column + 1] += ends[column];
        }
        // Entries go to their columns at once, so that only those of each are left to be sorted.
        let mut rows = vec![0; ends[size]];
        let mut put = |column: usize, row: usize| {
            // Where the column begins, until all of its rows are there: then where it ends.
            let next = &mut ends[column];
            rows[*next] = short(row);
            *next += 1;
        };
        (0..size).for_each(|i| put(i, i));
        tell_all(&mut |i, j| put(i.min(j), i.max(j)));
        // Most are told many times: what is left of a column takes the place of what was before, of the column
        // as of its start, so that no further list is made.
        let mut starts = ends;
        let mut met = vec![u32::MAX; size]; // the last column that each row was met in
        let (mut begin, mut len) = (0, 0);
        for column in 0..size {
            let end = std::mem::replace(&mut starts[column], len);
            for place in begin..end {
                let row = rows[place];
                if std::mem::replace(&mut met[row as usize], short(column)) != short(column) {
                    rows[len] = row;
                    len += 1;
                }
            }
            rows[starts[column]..len].sort_unstable();
            begin = end;
        }
        starts[size] = len;
        rows.truncate(len);
        rows.shrink_to_fit();
        Self {
            starts: starts.into(),
            rows: rows.into(),
            places: None,
            analysis: OnceLock::new(),
        }
    }

    /// The same, sharing its memory, with nothing of how its matrices are factorized.
    pub(super) fn unanalysed(&self) -> Self {
        Self {
            starts: Arc::clone(&self.starts),
            rows: Arc::clone(&self.rows),
            places: self.places.clone(),
            analysis: OnceLock::new(),
        }
    }

    /// The same, with the place of each row: near ones are coupled, far ones are not. That tells of a good
    /// order of elimination.
    ///
    /// # Panics
    ///
    /// If there is not one for each row.
    #[must_use]
    pub fn at<const D: usize>(mut self, places: Vec<[f64; D]>) -> Self {
        assert_eq!(places.len(), self.size(), "one place for each row");
        self.places = Some((places.into_flattened().into(), D));
        self.analysis = OnceLock::new();
        self
    }

    /// Coordinates of each row, those of one after those of another, and how many; none where unknown.
    pub(super) fn places(&self) -> Option<(&[f64], usize)> {
        let places = self.places.as_ref();
        places.map(|(places, dimension)| (places.as_slice(), *dimension))
    }

    /// How its matrices are factorized, which is analysed once.
    ///
    /// # Panics
    ///
    /// If memory runs out.
    #[must_use]
    pub fn analysis(&self) -> &Analysis {
        self.analysis.get_or_init(|| Analysis::new(self))
    }

    /// Number of rows, and of columns.
    #[must_use]
    pub fn size(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the matrix has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Where each column's entries start; one more than there are columns.
    #[must_use]
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// Row of each entry.
    #[must_use]
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Position among the entries of the one in row `i` and column `j`, or of its mirror image.
    /// O(log n) for n entries in the column.
    ///
    /// # Panics
    ///
    /// If there is no such entry.
    #[must_use]
    pub fn slot(&self, i: usize, j: usize) -> usize {
        let (column, row) = (i.min(j), i.max(j));
        let range = self.starts[column]..self.starts[column + 1];
        let rows = &self.rows[range.clone()];
        let offset = rows.partition_point(|&other| (other as usize) < row);
        assert!(
            rows.get(offset).is_some_and(|&other| other as usize == row),
            "entry ({row}, {column}) is not in the pattern"
        );
        range.start + offset
    }

    /// The same in half of the memory, for those who keep many.
    ///
    /// # Panics
    ///
    /// As there, or if there are 2³² entries.
    #[must_use]
    pub(crate) fn short_slot(&self, i: usize, j: usize) -> u32 {
        u32::try_from(self.slot(i, j)).expect("fewer than 2³² entries")
    }

    /// Position of the diagonal entry of a column: its first.
    #[must_use]
    pub fn diagonal(&self, column: usize) -> usize {
        self.starts[column]
    }

    /// The product of the symmetric matrix and a vector, added to `product`.
    pub fn multiply_add(&self, values: &[f64], vector: &[f64], product: &mut [f64]) {
        for column in 0..self.size() {
            let range = self.starts[column]..self.starts[column + 1];
            for (&row, value) in self.rows[range.clone()].iter().zip(&values[range]) {
                let row = row as usize;
                product[row] += value * vector[column];
                if row != column {
                    product[column] += value * vector[row];
                }
            }
        }
    }
}
