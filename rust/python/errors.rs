//! From the core's error to the exceptions of `tramway.errors`.

use pyo3::PyErr;
use pyo3::exceptions::{PyFileNotFoundError, PyOSError};
use pyo3::import_exception;

use crate::Error;

import_exception!(tramway.errors, FileFormatError);
import_exception!(tramway.errors, InsufficientDataError);
import_exception!(tramway.errors, InvalidInputError);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Format { .. } | Error::File { .. } => FileFormatError::new_err(message),
            Error::InsufficientData { .. } => InsufficientDataError::new_err(message),
            Error::Read {
                kind: std::io::ErrorKind::NotFound,
                ..
            } => PyFileNotFoundError::new_err(message),
            Error::Read { .. } => PyOSError::new_err(message),
            Error::Length { .. } | Error::Value { .. } | Error::Element { .. } => {
                InvalidInputError::new_err(message)
            }
        }
    }
}
