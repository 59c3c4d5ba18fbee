//! The one error type of the crate: each variant names the argument, what was seen and what was
//! expected.

use thiserror::Error as ThisError;

/// What can be wrong with the input of a function of this crate.
///
/// Not converging is not an error: see [`crate::optimizer::Status`].
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// Two arguments that go together have different lengths.
    #[error("`{name}` has length {seen}, expected {expected} (as many as {reference})")]
    Length {
        /// The argument.
        name: &'static str,
        /// Its length.
        seen: usize,
        /// The length it should have.
        expected: usize,
        /// What gives the expected length.
        reference: &'static str,
    },
    /// A value outside its domain.
    #[error("`{name}` is {seen}, expected {expected}")]
    Value {
        /// The argument.
        name: &'static str,
        /// The value, as text.
        seen: String,
        /// The domain, in words.
        expected: &'static str,
    },
    /// An element outside its domain.
    #[error("`{name}[{index}]` is {seen}, expected {expected}")]
    Element {
        /// The argument.
        name: &'static str,
        /// Position of the first bad element.
        index: usize,
        /// The element, as text.
        seen: String,
        /// The domain, in words.
        expected: &'static str,
    },
    /// The data are too few for what was asked.
    #[error("{seen}, {needed}")]
    InsufficientData {
        /// What there is.
        seen: String,
        /// What is needed, and what to do.
        needed: String,
    },
    /// A text file that is not a table of the expected form.
    #[error("{path}, line {line}: {seen}; expected {expected}")]
    Format {
        /// The file.
        path: String,
        /// Line number, from 1.
        line: u64,
        /// What was found there.
        seen: String,
        /// What should be there.
        expected: String,
    },
    /// Something that is not a file that could be read to its end.
    #[error("{path} is {seen}, expected {expected}")]
    File {
        /// Its path.
        path: String,
        /// What it is.
        seen: &'static str,
        /// What it should be, and what to do.
        expected: &'static str,
    },
    /// A file that cannot be read at all.
    #[error("{path}: {reason}")]
    Read {
        /// The file.
        path: String,
        /// The operating system's reason.
        reason: String,
        /// The kind of failure, so that bindings can raise their own.
        kind: std::io::ErrorKind,
    },
}

/// Result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Checks that `seen` is `expected`, the length of `reference`.
///
/// # Errors
///
/// [`Error::Length`] if it is not.
pub fn check_length(
    name: &'static str,
    seen: usize,
    expected: usize,
    reference: &'static str,
) -> Result<()> {
    if seen == expected {
        Ok(())
    } else {
        Err(Error::Length {
            name,
            seen,
            expected,
            reference,
        })
    }
}

/// Checks that every coordinate of every point is finite.
///
/// # Errors
///
/// [`Error::Element`] naming the first point that has a NaN or an infinity; [`Error::Value`] if threads
/// cannot be started for very many of them.
pub fn check_finite<const D: usize>(name: &'static str, points: &[[f64; D]]) -> Result<()> {
    let bad = crate::threads::position(points.as_flattened(), |c| !c.is_finite())?;
    match bad.map(|number| number / D) {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            name,
            index,
            seen: format!("{:?}", points[index]),
            expected: "finite numbers",
        }),
    }
}
