//! What translocations have of a column of their localizations.

use rayon::prelude::*;

use crate::threads::{self, CHUNK};
use crate::{Error, Result};

/// Values of a column at some rows, and by how much it differs from each to the row below.
///
/// # Errors
///
/// [`Error::Element`] if a row is not in the table, or the last of it.
pub fn steps(values: &[f64], rows: &[i64]) -> Result<(Vec<f64>, Vec<f64>)> {
    let has_next = |&row: &i64| usize::try_from(row).is_ok_and(|row| row + 1 < values.len());
    if let Some(index) = threads::position(rows, |row| !has_next(row))? {
        return Err(Error::Element {
            name: "rows",
            index,
            seen: rows[index].to_string(),
            expected: "a row of the table, but not the last",
        });
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a row of the table
    let step = |&row: &i64| {
        let here = values[row as usize];
        (here, values[row as usize + 1] - here)
    };
    if rows.len() <= CHUNK {
        return Ok(rows.iter().map(step).unzip());
    }
    let (mut origins, mut differences) = (Vec::new(), Vec::new());
    threads::install(|| {
        let rows = rows.par_iter().with_min_len(CHUNK / 4);
        rows.map(step)
            .unzip_into_vecs(&mut origins, &mut differences);
    })?;
    Ok((origins, differences))
}
