//! The fields of a line of text, and the numbers that they are.

/// Largest integer below which every integer is a `f64`.
pub(super) const MAX_EXACT_INTEGER: u64 = 1 << 53;

#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

/// A field, and the number it is if it is one.
pub(super) type Field<'a> = (&'a [u8], Option<Number>);

/// The fields of a line, separated by blanks and tabs, up to its comment or its end.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of the first line of `text`.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on with the next line; false if there is none.
    #[inline]
    pub(super) fn next_line(&mut self) -> bool {
        let end = self.rest.iter().position(|&byte| byte == b'\n');
        self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
        end.is_some()
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    #[allow(clippy::inline_always)] // a call takes as long as three digits
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let is_separator = |byte: &u8| byte.is_ascii_whitespace() && *byte != b'\n';
        let start = self.rest.iter().position(|byte| !is_separator(byte))?;
        self.rest = &self.rest[start..];
        if matches!(self.rest[0], b'\n' | b'#') {
            return None;
        }
        let plain = plain_decimal(self.rest, b'.', |byte| byte.is_ascii_whitespace());
        let (length, number) = plain.map_or_else(
            || other_field(self.rest),
            |(length, number)| (length, Some(number)),
        );
        let (field, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some((field, number))
    }
}

/// Length of the field that `text` begins with, and its number by the standard library.
#[cold]
fn other_field(text: &[u8]) -> (usize, Option<Number>) {
    let length = text
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(text.len());
    (length, number(&text[..length]))
}

/// The number that a field is, by the standard library.
pub(super) fn number(field: &[u8]) -> Option<Number> {
    let field = std::str::from_utf8(field).ok()?;
    let integer = field.parse().ok().map(Number::Integer);
    integer.or_else(|| field.parse().ok().map(Number::Float))
}

/// Length and number of the field that `text` begins with, if it is digits with or without a point:
/// nearly all fields are. If there are not too many, one division of exact numbers gives the nearest
/// `f64`, twice as fast as anything else. `decimal` is the decimal point, `is_end` tells what may be behind a field.
#[allow(clippy::inline_always)] // a call takes as long as three digits
#[inline(always)]
pub(super) fn plain_decimal(
    text: &[u8],
    decimal: u8,
    is_end: impl Fn(u8) -> bool,
) -> Option<(usize, Number)> {
    const LONGEST: usize = 18; // digits that surely fit into an i64
    let negative = text[0] == b'-';
    let begin = usize::from(negative);
    let (point, integer) = take_digits(text, begin, 0);
    let is_float = text.get(point) == Some(&decimal);
    let (end, value) = if is_float {
        take_digits(text, point + 1, integer)
    } else {
        (point, integer)
    };
    let digits = end - begin - usize::from(is_float);
    let ends = text.get(end).is_none_or(|&byte| is_end(byte));
    if !ends || digits == 0 {
        return None;
    }
    if digits > LONGEST || (is_float && value > MAX_EXACT_INTEGER) {
        return if is_float && decimal == b'.' {
            long_decimal(&text[..end]).map(|number| (end, number))
        } else {
            None
        };
    }
    let magnitude = value.cast_signed();
    let number = if is_float {
        let magnitude = magnitude as f64 / POWERS_OF_TEN[end - point - 1];
        Number::Float(if negative { -magnitude } else { magnitude })
    } else {
        Number::Integer(if negative { -magnitude } else { magnitude })
    };
    Some((end, number))
}

/// The number that a decimal of many digits is, as `repr` of Python writes it.
fn long_decimal(field: &[u8]) -> Option<Number> {
    fast_float2::parse(field).ok().map(Number::Float)
}

/// Where the digits end that are at a place of `text`, and those digits appended to `value`.
#[inline]
fn take_digits(text: &[u8], mut place: usize, mut value: u64) -> (usize, u64) {
    while let Some(byte) = text.get(place) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        // Wraps where there are too many digits; then the value is not used.
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        place += 1;
    }
    (place, value)
}

pub(super) const POWERS_OF_TEN: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];
