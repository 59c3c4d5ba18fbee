//! A file in pieces of whole lines, so that only a piece is in memory at a time.

use std::io::{self, Read};

/// Bytes read at a time: enough work for many threads, few enough to stay in a cache.
const CHUNK: u64 = 1 << 21;

/// Bytes of a block, of which a thread parses some at a time.
const BLOCK: usize = 1 << 16;

/// Bytes of the longest line. Rows of tables have some hundred; what has more is not such a table,
/// and would fill the memory.
pub(super) const MAX_LINE: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Chunks<R> {
    input: R,
    /// What was given out last, and what is behind it.
    buffer: Vec<u8>,
    /// Bytes at the beginning of the buffer that were given out already.
    used: usize,
    /// What is behind it, and more that was read already: how much, or why not.
    following: Vec<u8>,
    read: Option<io::Result<usize>>,
    /// Bytes of the input that were not read yet, if that is known.
    left: Option<u64>,
}

/// Reads what follows a piece, while that is parsed.
pub(super) struct ReadAhead<'a, R> {
    input: &'a mut R,
    behind: &'a [u8],
    following: &'a mut Vec<u8>,
    read: &'a mut Option<io::Result<usize>>,
}

impl<R: Read> ReadAhead<'_, R> {
    pub(super) fn read(self) {
        self.following.clear();
        self.following.extend_from_slice(self.behind);
        *self.read = Some(self.input.take(CHUNK).read_to_end(self.following));
    }
}

/// A piece, and what reads on.
pub(super) type Next<'a, R> = Result<Option<(&'a [u8], ReadAhead<'a, R>)>, ChunkError>;

/// Why there is no next piece.
pub(super) enum ChunkError {
    Read(io::Error),
    /// A line is longer than [`MAX_LINE`], after so many other lines that were not given out yet.
    LongLine(u64),
}

impl<R: Read> Chunks<R> {
    /// Of an input with so many bytes, if that is known.
    pub(super) fn new(input: R, length: Option<u64>) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            used: 0,
            following: Vec::new(),
            read: None,
            left: length,
        }
    }

    /// Number of bytes given out last, and of those that follow, if that is known.
    pub(super) fn bytes(&self) -> (usize, Option<u64>) {
        let behind = match self.read {
            Some(_) => self.following.len(),
            None => self.buffer.len() - self.used,
        };
        (self.used, self.left.map(|left| left + behind as u64))
    }

    /// The next lines, the last of which may have no end at the end of the file, and what reads on; none after that.
    pub(super) fn next(&mut self) -> Next<'_, R> {
        loop {
            let searched = self.buffer.len() - self.used;
            if self.read.is_none() {
                let ahead = ReadAhead {
                    input: &mut self.input,
                    behind: &self.buffer[self.used..],
                    following: &mut self.following,
                    read: &mut self.read,
                };
                ahead.read();
            }
            let read = self
                .read
                .take()
                .unwrap_or(Ok(0))
                .map_err(ChunkError::Read)?;
            self.left = self.left.map(|left| left.saturating_sub(read as u64));
            std::mem::swap(&mut self.buffer, &mut self.following);
            if let Some(start) = long_line(&self.buffer) {
                return Err(ChunkError::LongLine(count_lines(&self.buffer[..start])));
            }
            let line_end = memchr::memrchr(b'\n', &self.buffer[searched..]);
            self.used = match line_end {
                Some(end) => searched + end + 1,
                None if read == 0 => self.buffer.len(),
                None => 0,
            };
            if self.used > 0 {
                let (given, behind) = self.buffer.split_at(self.used);
                let ahead = ReadAhead {
                    input: &mut self.input,
                    behind,
                    following: &mut self.following,
                    read: &mut self.read,
                };
                return Ok(Some((given, ahead)));
            }
            if read == 0 {
                return Ok(None);
            }
        }
    }
}

/// The text in blocks of whole lines.
pub(super) fn blocks(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let after = text
            .get(BLOCK..)
            .and_then(|rest| rest.iter().position(|&b| b == b'\n'));
        let (block, rest) = text.split_at(after.map_or(text.len(), |end| BLOCK + end + 1));
        text = rest;
        (!block.is_empty()).then_some(block)
    })
}

/// Number of lines that end in a text.
pub(super) fn count_lines(text: &[u8]) -> u64 {
    text.split(|&byte| byte == b'\n').count() as u64 - 1
}

/// Where a line begins that is too long. Looks at one place in [`MAX_LINE`] where lines are short.
fn long_line(text: &[u8]) -> Option<usize> {
    let mut start = 0;
    while let Some(longest) = text.get(start..=start + MAX_LINE) {
        let Some(end) = longest.iter().rposition(|&byte| byte == b'\n') else {
            return Some(start);
        };
        start += end + 1;
    }
    None
}

/// Text whose lines end with something else than `\n`.
#[derive(Debug)]
pub(super) struct LineEnds<R> {
    pub(super) input: R,
    pub(super) end: u8,
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(buffer)?;
        if self.end != b'\n' {
            for byte in &mut buffer[..count] {
                if *byte == self.end {
                    *byte = b'\n';
                }
            }
        }
        Ok(count)
    }
}
