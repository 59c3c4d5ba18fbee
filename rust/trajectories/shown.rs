//! What a file holds, as an error message shows it: short, whatever it is.

/// Characters of a field that are shown.
const LONGEST_FIELD: usize = 40;

/// Characters of a part of a message.
const LONGEST_PART: usize = 400;

/// A field in quotes, its beginning if it is long.
pub(super) fn shown(field: &[u8]) -> String {
    // No character has more than four bytes.
    let beginning = &field[..field.len().min(4 * LONGEST_FIELD + 4)];
    let text = String::from_utf8_lossy(beginning);
    match text.char_indices().nth(LONGEST_FIELD) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// The beginning of a text that is long, as where it lists a million names.
pub(super) fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_PART) {
        text.truncate(end);
        text.push('…');
    }
    text
}
