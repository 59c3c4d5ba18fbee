//! Files of data are regular files: a pipe may never end, and opening one may never return.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::{Error, Result};

/// Checks that there is a regular file, or a link to one, without opening it.
///
/// # Errors
///
/// [`Error::File`] for a folder, a pipe, a socket or a device; [`Error::Read`] if there is nothing,
/// or nothing that may be seen.
pub fn check_regular_file(path: &Path) -> Result<()> {
    let metadata = fs::metadata(path).map_err(|reason| read_error(path, &reason))?;
    if metadata.is_file() {
        return Ok(());
    }
    let (seen, expected) = if metadata.is_dir() {
        ("a folder", "a file: name the files in it, or a pattern")
    } else {
        (
            "a pipe, a socket or a device",
            "a file on disk: write the data to one first",
        )
    };
    Err(Error::File {
        path: path.display().to_string(),
        seen,
        expected,
    })
}

/// Opens a regular file for reading.
pub(super) fn open(path: &Path) -> Result<File> {
    check_regular_file(path)?;
    File::open(path).map_err(|reason| read_error(path, &reason))
}

pub(super) fn read_error(path: &Path, reason: &io::Error) -> Error {
    Error::Read {
        path: path.display().to_string(),
        reason: reason.to_string(),
        kind: reason.kind(),
    }
}
