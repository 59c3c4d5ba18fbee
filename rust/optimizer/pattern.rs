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
    /// Coordinates of places, those of one after those of another, and how many; none where unknown. The first rows
    /// have one each, and those that follow, in the same order, as many at each.
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
        let mut ends = vec![0; size + 1];
        for &(i, j) in &entries {
            let (column, row) = (i.min(j), i.max(j));
            assert!(
                row < size,
                "entry ({row}, {column}) of a matrix of {size} rows"
            );
            ends[column + 1] += 1;
        }
        for column in 0..size {
            ends[column + 1] += ends[column];
        }
        let mut rows = vec![0; entries.len()];
        for &(i, j) in &entries {
            // Where the column begins, until all of its rows are there: then where it ends.
            let next = &mut ends[i.min(j)];
            rows[*next] = short(i.max(j));
            *next += 1;
        }
        Self::by_columns(size, entries.len(), |column, tell| {
            let begin = column.checked_sub(1).map_or(0, |before| ends[before]);
            tell(0, &rows[begin..ends[column]]);
        })
    }

    /// As [`SymmetricPattern::new`], of entries that are told column by column: for each, a number to be added to
    /// rows, and such rows, any number of times. Those above the diagonal do not count. Nobody needs to have a
    /// list of the entries, of which there are `at_most` so many below the diagonal: that would take more memory
    /// than all else.
    ///
    /// # Panics
    ///
    /// As there.
    #[must_use]
    pub fn by_columns(
        size: usize,
        at_most: usize,
        tell_rows: impl Fn(usize, &mut dyn FnMut(usize, &[u32])),
    ) -> Self {
        let mut starts = Vec::with_capacity(size + 1);
        starts.push(0);
        let mut rows = Vec::with_capacity(size + at_most);
        let mut met = vec![u32::MAX; size]; // the last column that each row was met in
        for column in 0..size {
            rows.push(short(column));
            tell_rows(column, &mut |offset, others| {
                for &other in others {
                    let row = offset + other as usize;
                    if row > column
                        && std::mem::replace(&mut met[row], short(column)) != short(column)
                    {
                        rows.push(short(row));
                    }
                }
            });
            rows[starts[column]..].sort_unstable();
            starts.push(rows.len());
        }
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
    /// order of elimination. If there are more rows than places, those after the first are at the same places in
    /// turn, as many at each.
    ///
    /// # Panics
    ///
    /// If there are not as many rows for each place.
    #[must_use]
    pub fn at<const D: usize>(mut self, places: Vec<[f64; D]>) -> Self {
        let is_shared = self.size().is_multiple_of(places.len());
        assert!(is_shared, "as many rows for each place");
        self.places = Some((places.into_flattened().into(), D));
        self.analysis = OnceLock::new();
        self
    }

    /// The same, at the places of another pattern, sharing their memory.
    pub(crate) fn at_places_of(mut self, other: &Self) -> Self {
        self.places.clone_from(&other.places);
        self.analysis = OnceLock::new();
        self
    }

    /// Coordinates of each row, those of one after those of another, and how many; none where unknown.
    pub(super) fn places(&self) -> Option<(Vec<f64>, usize)> {
        let (places, dimension) = self.places.as_ref()?;
        let mut each = Vec::with_capacity(self.size() * dimension);
        each.extend_from_slice(places);
        let others = (self.size() * dimension / places.len().max(1)).saturating_sub(1);
        for place in places.chunks(*dimension) {
            (0..others).for_each(|_| each.extend_from_slice(place));
        }
        Some((each, *dimension))
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

fn short(number: usize) -> u32 {
    u32::try_from(number).expect("fewer than 2³² variables")
}
