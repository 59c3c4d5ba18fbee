//! Where many entries of a pattern are, found one after the other.

use crate::optimizer::SymmetricPattern;

/// A walk along the columns of a pattern: in one column, rows are asked for in ascending order, and none
/// is passed twice.
pub(super) struct Walk<'a> {
    pattern: &'a SymmetricPattern,
    column: usize,
    next: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(pattern: &'a SymmetricPattern) -> Self {
        Self {
            pattern,
            column: 0,
            next: 0,
        }
    }

    /// How many entries after the diagonal of a column of the lower triangle that of a row is. O(k) in all for the
    /// rows of a column of k entries.
    ///
    /// # Panics
    ///
    /// If there is no such entry among those that are left of the column, or there are 2¹⁶ before it.
    pub(super) fn reach(&mut self, column: usize, row: usize) -> u16 {
        if column != self.column {
            (self.column, self.next) = (column, self.pattern.diagonal(column));
        }
        let left = &self.pattern.rows()[self.next..self.pattern.starts()[column + 1]];
        let Some(passed) = left.iter().position(|&other| other as usize == row) else {
            panic!("entry ({row}, {column}) is not in the pattern");
        };
        self.next += passed;
        let reach = self.next - self.pattern.diagonal(column);
        u16::try_from(reach).expect("fewer than 2¹⁶ variables that one is coupled with")
    }
}
