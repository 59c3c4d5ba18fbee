//! The first line of a table in text: a header, or data.

use std::collections::HashSet;

use super::ascii::{BYTE_ORDER_MARK, format_error};
use super::fields::{Field, Fields};
use super::rows::count_fields;
use super::shown::shown;
use crate::{Error, Result};

/// Columns of a table of tracks without header and names.
const DEFAULT_NAMES: [&str; 4] = ["n", "x", "y", "t"];

/// The first line that is neither blank nor a comment: a header, or data.
pub(super) struct FirstLine<'a> {
    path: &'a str,
    pub(super) number: u64,
    line: &'a [u8],
    /// Whether a field is not a number.
    is_header: bool,
    /// The text from the first row on, or from the end of the header.
    pub(super) rows: &'a [u8],
}

impl<'a> FirstLine<'a> {
    /// Looks for it in a text that begins after `lines_before` other lines.
    pub(super) fn find(text: &'a [u8], path: &'a str, lines_before: u64) -> Option<Self> {
        let mut rest = match lines_before {
            0 => text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text),
            _ => text,
        };
        let mut number = lines_before + 1;
        while Fields::new(rest).next().is_none() {
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            rest = &rest[end + 1..];
            number += 1;
        }
        let end = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(rest.len());
        let (line, below) = rest.split_at(end);
        let is_header = Fields::new(line).any(|(_, number)| number.is_none());
        Some(Self {
            path,
            number,
            line,
            is_header,
            rows: if is_header { below } else { rest },
        })
    }

    fn error(&self, seen: impl Into<String>, expected: impl Into<String>) -> Error {
        format_error(self.path, self.number, seen, expected)
    }

    /// Names of the columns: given, from the header, or the usual ones.
    pub(super) fn column_names(&self, columns: Option<&[String]>) -> Result<Vec<String>> {
        let fields = split_quoted(self.line);
        if self.is_header {
            self.check_header(&fields)?;
        }
        if let Some(columns) = columns {
            return self.given_names(columns, fields.len());
        }
        if self.is_header {
            return match first_duplicate(&fields) {
                None => Ok(fields),
                Some(name) => Err(self.error(
                    format!("the header names two columns {name}"),
                    "different names; pass `columns` to rename them",
                )),
            };
        }
        match fields.len() {
            4 => Ok(DEFAULT_NAMES.map(str::to_owned).to_vec()),
            3 => Err(self.error(
                "3 fields and no header",
                "4 (n x y t): without track numbers the molecules are not tracked; if these are \
                 other columns, name them with `columns`",
            )),
            count => Err(self.error(
                format!("{} and no header", count_fields(count)),
                "4 (n x y t), or a header line with names, or names passed as `columns`",
            )),
        }
    }

    fn given_names(&self, columns: &[String], count: usize) -> Result<Vec<String>> {
        if columns.len() != count {
            return Err(self.error(
                count_fields(count),
                format!(
                    "{} ({}), as named by `columns`",
                    columns.len(),
                    columns.join(" ")
                ),
            ));
        }
        match first_duplicate(columns) {
            None => Ok(columns.to_vec()),
            Some(name) => Err(Error::Value {
                name: "columns",
                seen: format!("[{}], with {name} twice", columns.join(", ")),
                expected: "different names",
            }),
        }
    }

    /// Refuses a line that was taken for a header because one of its numbers is malformed.
    fn check_header(&self, names: &[String]) -> Result<()> {
        if let Some(name) = names.iter().find(|name| name.contains(',')) {
            return Err(self.error(
                format!("{} contains a comma", shown(name.as_bytes())),
                "fields separated by blanks or tabs, and a decimal point, not a decimal comma; \
                 `a.spt_data.from_files` reads files that have commas",
            ));
        }
        if std::str::from_utf8(self.line).is_err() {
            return Err(self.error(
                format!("{} is not text in UTF-8", shown(self.line)),
                "a text file of numbers, not compressed",
            ));
        }
        let (numbers, words): (Vec<Field>, Vec<Field>) =
            Fields::new(self.line).partition(|(_, number)| number.is_some());
        match words.first() {
            Some((word, _)) if !numbers.is_empty() => Err(self.error(
                format!("{} is not a number", shown(word)),
                "either numbers only, or a header with names only",
            )),
            _ => Ok(()),
        }
    }
}

/// The fields of a line that may be a header, whose names may be quoted.
fn split_quoted(line: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(line);
    let mut names = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (name, tail) = match quote {
            Some(quote) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        names.push(name.to_owned());
        rest = tail.trim_start();
    }
    names
}

fn first_duplicate(names: &[String]) -> Option<&String> {
    let mut seen = HashSet::new();
    names.iter().find(|&name| !seen.insert(name))
}
