//! The rows of a table in text, below its header.

use super::alike::Alike;
use super::fields::{Field, Fields, MAX_EXACT_INTEGER, Number};
use super::reading::Block;
use super::shown::shown;
use super::values::Words;

/// The name of the column of track numbers, which are integers.
const TRACK_NAME: &str = "n";

/// Columns in which NaN and infinity have no meaning.
const FINITE_NAMES: [&str; 5] = ["n", "x", "y", "z", "t"];

/// What every row looks like, by the first line that is neither blank nor a comment.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) names: Vec<String>,
    /// Its line number.
    pub(super) line: u64,
}

/// What is wrong with a row.
pub(super) struct RowError {
    /// How many lines of its block end before it.
    pub(super) lines: u64,
    pub(super) seen: String,
    pub(super) expected: String,
}

/// Rows that are parsed one by one before others are said to be like the last of them.
const FIRST_ROWS: usize = 32;

/// Parses the lines of a text.
pub(super) fn parse_text(text: &[u8], layout: &Layout, block: &mut Block) -> Result<(), RowError> {
    let names = &layout.names;
    block.clear(names.len());
    let mut fields = Fields::new(text);
    for row in 1.. {
        let line = fields.rest();
        let (seen, expected) = match push_row(&mut block.columns, names, &mut fields) {
            Ok(count) if count == names.len() || count == 0 => {
                if !fields.next_line() {
                    break;
                }
                block.lines += 1;
                if count > 0
                    && row % FIRST_ROWS == 0
                    && let Some(mut alike) = Alike::to(line, &block.columns)
                {
                    let begin = text.len() - fields.rest().len();
                    let (rows, end) = alike.append(text, begin, &mut block.columns);
                    block.lines += rows as u64;
                    fields = Fields::new(&text[end..]);
                }
                continue;
            }
            Ok(count) => (
                count_fields(count),
                format!(
                    "{} ({}), as in line {}",
                    names.len(),
                    names.join(" "),
                    layout.line
                ),
            ),
            Err(mistake) => mistake,
        };
        return Err(RowError {
            lines: block.lines,
            seen,
            expected,
        });
    }
    Ok(())
}

/// What was seen, and what was expected.
type Mistake = (String, String);

/// Appends the fields of a line to the columns, as far as there are columns; number of fields.
#[inline]
fn push_row(
    columns: &mut [Words],
    names: &[String],
    fields: &mut Fields,
) -> Result<usize, Mistake> {
    for (count, (column, name)) in columns.iter_mut().zip(names).enumerate() {
        let Some((text, number)) = fields.next() else {
            return Ok(count);
        };
        match number {
            Some(Number::Float(value)) if value.is_finite() && name != TRACK_NAME => {
                column.push(Number::Float(value));
            }
            Some(Number::Integer(value)) if value.unsigned_abs() <= MAX_EXACT_INTEGER => {
                column.push(Number::Integer(value));
            }
            _ => column.push(other_number(name, (text, number))?),
        }
    }
    Ok(columns.len() + fields.by_ref().count())
}

/// The number that a field is in a column, where not every number may be, if it is one that may.
#[cold]
fn other_number(name: &str, (text, number): Field) -> Result<Number, Mistake> {
    let is_track = name == TRACK_NAME;
    match number {
        None => {
            let hint = if text.contains(&b',') {
                ": a decimal point, not a comma"
            } else {
                ""
            };
            Err((
                format!("{} is not a number", shown(text)),
                format!("a number in column {name}{hint}"),
            ))
        }
        Some(Number::Integer(value)) if is_track && value.unsigned_abs() > MAX_EXACT_INTEGER => {
            Err(bad_track(name, text))
        }
        Some(Number::Float(value)) if !value.is_finite() && FINITE_NAMES.contains(&name) => Err((
            format!("{name} is {value}"),
            "a finite number: remove the row if the molecule was not seen".to_owned(),
        )),
        Some(Number::Float(value)) if is_track => {
            if value.fract() != 0.0 || value.abs() > MAX_EXACT_INTEGER as f64 {
                return Err(bad_track(name, text));
            }
            #[allow(clippy::cast_possible_truncation)] // exact, as just checked
            Ok(Number::Integer(value as i64))
        }
        Some(number) => Ok(number),
    }
}

fn bad_track(name: &str, text: &[u8]) -> Mistake {
    (
        format!("track number {name} is {}", shown(text)),
        format!("an integer between -{MAX_EXACT_INTEGER} and {MAX_EXACT_INTEGER}"),
    )
}

pub(super) fn count_fields(count: usize) -> String {
    if count == 1 {
        "1 field".to_owned()
    } else {
        format!("{count} fields")
    }
}
