//! Headers of objects: messages under a checksum.

use std::ops::Range;

use super::lookup_3;

/// Bytes that tell how long a header is.
pub(super) const FIRST_BYTES: usize = 14;

/// Where the header of an object is: its messages, and all of it but its checksum.
pub(super) struct Header {
    pub(super) begin: usize,
    messages: Range<usize>,
    pub(super) end: usize,
}

pub(super) struct Message {
    pub(super) kind: u8,
    pub(super) body: Range<usize>,
}

impl Header {
    /// Finds a header that is as it was written.
    pub(super) fn read(bytes: &[u8], address: u64) -> Option<Self> {
        let begin = usize::try_from(address).ok()?;
        let rest = bytes.get(begin..)?;
        let length = Self::length(rest)?;
        let end = begin.checked_add(length.checked_sub(4)?)?;
        let sum = bytes.get(end..end.checked_add(4)?)?;
        (sum == lookup_3(&bytes[begin..end]).to_le_bytes()).then_some(Self {
            begin,
            messages: begin + prefix(rest)?..end,
            end,
        })
    }

    /// Bytes that a header says it has, from the [`FIRST_BYTES`] of it on.
    pub(super) fn length(bytes: &[u8]) -> Option<usize> {
        let prefix = prefix(bytes)?;
        let mut length = [0; 8];
        length[..prefix - 6].copy_from_slice(bytes.get(6..prefix)?);
        let messages = usize::try_from(u64::from_le_bytes(length)).ok()?;
        messages.checked_add(prefix + 4)
    }

    pub(super) fn messages(&self, bytes: &[u8]) -> Option<Vec<Message>> {
        messages(bytes, self.messages.clone())
    }
}

/// Finds messages that continue a header elsewhere, in a block that is as it was written.
pub(super) fn continued(block: &[u8]) -> Option<Vec<Message>> {
    let end = block.len().checked_sub(4)?;
    let is_one =
        block.starts_with(b"OCHK") && block[end..] == lookup_3(&block[..end]).to_le_bytes();
    is_one.then(|| messages(block, 4..end))?
}

fn messages(bytes: &[u8], range: Range<usize>) -> Option<Vec<Message>> {
    let mut found = Vec::new();
    let mut at = range.start;
    // Fewer bytes than a message has at least may be left over.
    while at + 4 <= range.end {
        let start = at + 4;
        at = start + usize::from(u16::from_le_bytes([bytes[at + 1], bytes[at + 2]]));
        if at > range.end {
            return None;
        }
        found.push(Message {
            kind: bytes[start - 4],
            body: start..at,
        });
    }
    Some(found)
}

/// Bytes of a header before its messages.
fn prefix(bytes: &[u8]) -> Option<usize> {
    let &[b'O', b'H', b'D', b'R', 2, flags @ 0..=3, ..] = bytes else {
        return None;
    };
    Some(6 + (1 << flags))
}

/// The number at some place, of eight bytes.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<u64> {
    let found = bytes.get(at..at.checked_add(8)?)?;
    found.try_into().ok().map(u64::from_le_bytes)
}
