//! Settings by name, of those ways to cut space that are called by name.

use std::collections::HashMap;

use crate::{Error, Result};

/// Value of a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number, 0 or above.
    Whole(u64),
    /// Any number.
    Number(f64),
    /// Coordinates of points, one after the other.
    Points(Vec<f64>),
}

/// Settings of one way, by their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(pub HashMap<String, Value>);

impl Settings {
    /// A whole number.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if there is no setting of that name and kind; the same of the other kinds.
    pub fn whole(&self, name: &'static str) -> Result<u64> {
        match self.0.get(name) {
            Some(&Value::Whole(number)) => Ok(number),
            other => Err(wrong(name, other, "a whole number, 0 or above")),
        }
    }

    /// A number of things.
    ///
    /// # Errors
    ///
    /// Those of [`Settings::whole`].
    pub fn count(&self, name: &'static str) -> Result<usize> {
        let number = self.whole(name)?;
        usize::try_from(number).map_err(|_| {
            wrong(
                name,
                Some(&Value::Whole(number)),
                "a number that fits memory",
            )
        })
    }

    /// Any number.
    ///
    /// # Errors
    ///
    /// Those of [`Settings::whole`].
    #[allow(clippy::cast_precision_loss)] // lengths are not that large
    pub fn number(&self, name: &'static str) -> Result<f64> {
        match self.0.get(name) {
            Some(&Value::Number(number)) => Ok(number),
            Some(&Value::Whole(number)) => Ok(number as f64),
            other => Err(wrong(name, other, "a number")),
        }
    }

    /// Points in D dimensions.
    ///
    /// # Errors
    ///
    /// Those of [`Settings::whole`].
    pub fn points<const D: usize>(&self, name: &'static str) -> Result<&[[f64; D]]> {
        match self.0.get(name) {
            Some(Value::Points(flat)) if flat.len() % D == 0 => Ok(flat.as_chunks().0),
            other => Err(wrong(
                name,
                other,
                "points of as many coordinates as the others",
            )),
        }
    }
}

fn wrong(name: &'static str, seen: Option<&Value>, expected: &'static str) -> Error {
    Error::Value {
        name,
        seen: seen.map_or("not set".to_owned(), |value| match value {
            Value::Whole(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Points(flat) => format!("an array of {} numbers", flat.len()),
        }),
        expected,
    }
}
