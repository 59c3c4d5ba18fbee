//! The values of a column of a table.

use super::fields::Number;
use crate::{Result, threads};

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Every field of the column is an integer.
    Integers(Vec<i64>),
    /// Some field is not.
    Floats(Vec<f64>),
}

impl Values {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Integers(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
    }

    /// From bits of 64-bit integers or floats.
    pub(super) fn from_bits(bits: Vec<u64>, is_float: bool) -> Self {
        if is_float {
            Self::Floats(bits.into_iter().map(f64::from_bits).collect())
        } else {
            Self::Integers(bits.into_iter().map(u64::cast_signed).collect())
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whether all numbers are finite, and at most `limit` in size.
///
/// # Errors
///
/// [`Error::Value`](crate::Error::Value) if threads cannot be started.
pub fn are_within(values: &[f64], limit: f64) -> Result<bool> {
    let is_beyond = |value: &f64| value.is_nan() | (value.abs() > limit);
    Ok(threads::position(values, is_beyond)?.is_none())
}

/// Whether all integers are at most `limit` in size.
///
/// # Errors
///
/// As [`are_within`].
pub fn are_integers_within(values: &[i64], limit: u64) -> Result<bool> {
    Ok(threads::position(values, |value| value.unsigned_abs() > limit)?.is_none())
}

/// A column as it is parsed: the bits of integers, or of floats if some field is none.
#[derive(Debug, Default)]
pub(super) struct Words {
    bits: Vec<u64>,
    is_float: bool,
}

impl Words {
    pub(super) fn len(&self) -> usize {
        self.bits.len()
    }

    pub(super) fn clear(&mut self) {
        self.bits.clear();
        self.is_float = false;
    }

    pub(super) fn is_float(&self) -> bool {
        self.is_float
    }

    /// Drops the rows from one on.
    pub(super) fn truncate(&mut self, rows: usize) {
        self.bits.truncate(rows);
    }

    /// Appends the bits of integers.
    pub(super) fn append_integers(&mut self, bits: &[u64]) {
        let before = self.len();
        self.bits.extend_from_slice(bits);
        if self.is_float {
            to_floats(&mut self.bits[before..]);
        }
    }

    /// Appends the bits of floats to those of others.
    pub(super) fn append_floats(&mut self, bits: &[u64]) {
        debug_assert!(self.is_float);
        self.bits.extend_from_slice(bits);
    }

    /// Appends a row; all become floats if it is one.
    #[inline]
    pub(super) fn push(&mut self, number: Number) {
        let bits = match number {
            Number::Float(value) => {
                if !self.is_float {
                    to_floats(&mut self.bits);
                    self.is_float = true;
                }
                value.to_bits()
            }
            Number::Integer(value) if self.is_float => (value as f64).to_bits(),
            Number::Integer(value) => value.cast_unsigned(),
        };
        self.bits.push(bits);
    }

    /// Copies the rows to `column`, from `row` on; all above become floats if these are, or these if those are.
    pub(super) fn write(&self, column: &mut [u64], row: usize, is_float: &mut bool) {
        let (above, below) = column.split_at_mut(row);
        let place = &mut below[..self.bits.len()];
        place.copy_from_slice(&self.bits);
        if self.is_float && !*is_float {
            to_floats(above);
            *is_float = true;
        } else if *is_float && !self.is_float {
            to_floats(place);
        }
    }
}

/// The bits of floats instead of those of integers.
#[cold]
fn to_floats(bits: &mut [u64]) {
    for word in bits {
        *word = (word.cast_signed() as f64).to_bits();
    }
}
