//! The fields of a line between delimiters, which may be quoted, empty, or words.

use super::fields::{Number, number, plain_decimal};

/// How programs write that there is no number, in small letters.
const MISSING: [&[u8]; 14] = [
    b"",
    b"none",
    b"null",
    b"na",
    b"n/a",
    b"#n/a",
    b"<na>",
    b"-",
    b"nan(ind)",
    b"-nan(ind)",
    b"1.#qnan",
    b"-1.#ind",
    // TrackMate's ø, in UTF-8 and in the code page of Windows.
    b"\xc3\xb8",
    b"\xf8",
];

/// The fields of a line.
pub(super) struct QuotedFields<'a> {
    /// What was not read yet; none after the last field.
    pub(super) rest: Option<&'a [u8]>,
    /// How many were read.
    pub(super) rank: usize,
    delimiter: u8,
    decimal: u8,
}

impl<'a> QuotedFields<'a> {
    pub(super) fn new(line: &'a [u8], delimiter: u8, decimal: u8) -> Self {
        let mut fields = Self {
            rest: Some(line),
            rank: 0,
            delimiter,
            decimal,
        };
        fields.pass_blanks();
        fields
    }

    /// Where fields are between blanks, goes to where the next one begins, if there is one.
    #[inline]
    fn pass_blanks(&mut self) {
        if self.delimiter == b' '
            && let Some(rest) = self.rest
        {
            let rest = rest.trim_ascii_start();
            self.rest = (!rest.is_empty() && rest[0] != b'#').then_some(rest);
        }
    }

    #[inline]
    fn is_end(&self, byte: u8) -> bool {
        byte == self.delimiter || (self.delimiter == b' ' && byte == b'\t')
    }

    /// Goes behind a field of so many bytes.
    #[inline]
    fn pass(&mut self, rest: &'a [u8], length: usize) {
        self.rest = rest.get(length + 1..);
        self.rank += 1;
        self.pass_blanks();
    }

    /// The number that `rest`, what was not read yet, begins with, if it is written plainly.
    #[inline]
    pub(super) fn next_number(&mut self, rest: &'a [u8]) -> Option<Number> {
        if rest.is_empty() {
            return None;
        }
        let (length, number) = plain_decimal(rest, self.decimal, |byte| self.is_end(byte))?;
        self.pass(rest, length);
        Some(number)
    }

    /// The field that `rest`, what was not read yet, begins with, without quotes and blanks around it.
    pub(super) fn next_text(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let length = self.length(rest);
        let field = rest[..length].trim_ascii();
        let text = match field.strip_prefix(b"\"") {
            Some(quoted) => quoted.strip_suffix(b"\"").unwrap_or(quoted),
            None => field,
        };
        self.pass(rest, length);
        text.trim_ascii()
    }

    /// Length of the field that `rest` begins with; delimiters within quotes do not end it.
    #[inline]
    fn length(&self, rest: &[u8]) -> usize {
        let mut is_quoted = false;
        for (length, &byte) in rest.iter().enumerate() {
            if byte == b'"' {
                is_quoted = !is_quoted;
            } else if !is_quoted && self.is_end(byte) {
                return length;
            }
        }
        rest.len()
    }

    /// Goes behind the next field; false if there is none.
    #[inline]
    pub(super) fn skip(&mut self) -> bool {
        let Some(rest) = self.rest else { return false };
        self.pass(rest, self.length(rest));
        true
    }

    /// Number of the fields that were not read yet.
    #[inline]
    pub(super) fn count_rest(&self) -> usize {
        let Some(rest) = self.rest else { return 0 };
        if self.delimiter != b' ' && memchr::memchr(b'"', rest).is_none() {
            return 1 + memchr::memchr_iter(self.delimiter, rest).count();
        }
        let mut others = Self {
            rest: self.rest,
            rank: 0,
            ..*self
        };
        while others.skip() {}
        others.rank
    }
}

/// The number that a field is, NaN if it says that there is none, or nothing.
#[cold]
pub(super) fn number_or_nan(text: &[u8], decimal: u8) -> Option<Number> {
    let is_missing = MISSING.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_missing {
        return Some(Number::Float(f64::NAN));
    }
    match text {
        b"\xe2\x88\x9e" | b"+\xe2\x88\x9e" => return Some(Number::Float(f64::INFINITY)), // ∞
        b"-\xe2\x88\x9e" => return Some(Number::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    if decimal == b'.' || !text.contains(&decimal) {
        return number(text);
    }
    if text.contains(&b'.') {
        return None;
    }
    let pointed: Vec<u8> = text
        .iter()
        .map(|&byte| if byte == decimal { b'.' } else { byte })
        .collect();
    number(&pointed)
}

/// Whether there is nothing in a line but delimiters and comments.
pub(super) fn is_blank(line: &[u8], delimiter: u8) -> bool {
    let comment = delimiter == b' ' && line.trim_ascii_start().first() == Some(&b'#');
    comment
        || line
            .iter()
            .all(|&byte| byte == delimiter || byte.is_ascii_whitespace())
}

/// Whether the last `count` fields of a line are empty.
#[cold]
pub(super) fn ends_empty(line: &[u8], delimiter: u8, count: usize) -> bool {
    let is_blank = |byte: &&u8| **byte == delimiter || byte.is_ascii_whitespace();
    let end = line.iter().rev().take_while(is_blank);
    end.filter(|&&byte| byte == delimiter).count() >= count
}
