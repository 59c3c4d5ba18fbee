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

    /// Appends a row; all become floats if it is one.
    #[inline]
    pub(super) fn push(&mut self, number: Number) {
        match (&mut *self, number) {
            (Self::Floats(values), Number::Float(value)) => values.push(value),
            (Self::Integers(values), Number::Integer(value)) => values.push(value),
            (Self::Floats(values), Number::Integer(value)) => values.push(value as f64),
            (Self::Integers(integers), Number::Float(value)) => {
                let mut floats = Vec::with_capacity(integers.capacity().max(1));
                floats.extend(to_floats(integers));
                floats.push(value);
                *self = Self::Floats(floats);
            }
        }
    }

    /// Appends other rows; all become floats if some are.
    pub(super) fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Integers(values), Self::Integers(other)) => values.extend(other),
            (Self::Floats(values), Self::Integers(other)) => values.extend(to_floats(&other)),
            (Self::Floats(values), Self::Floats(other)) => values.extend(other),
            (Self::Integers(values), Self::Floats(other)) => {
                *self = Self::Floats(to_floats(values).chain(other).collect());
            }
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

fn to_floats(values: &[i64]) -> impl Iterator<Item = f64> {
    values.iter().map(|&value| value as f64)
}
