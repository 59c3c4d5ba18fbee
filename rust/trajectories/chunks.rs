//! A file in pieces of whole lines, so that only a piece is in memory at a time.

use std::io::{Read, Result};

/// Bytes read at a time: enough work for many threads, few enough to stay in a cache.
const CHUNK: u64 = 1 << 22;

pub(super) struct Chunks<R> {
    input: R,
    buffer: Vec<u8>,
    /// Bytes at the beginning of the buffer that were given out already.
    used: usize,
}

impl<R: Read> Chunks<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            used: 0,
        }
    }

    /// The next lines, the last of which may have no end at the end of the file; none after that.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        self.buffer.drain(..self.used);
        self.used = 0;
        while self.used == 0 {
            let searched = self.buffer.len();
            let at_end = self
                .input
                .by_ref()
                .take(CHUNK)
                .read_to_end(&mut self.buffer)?
                == 0;
            let line_end = self.buffer[searched..]
                .iter()
                .rposition(|&byte| byte == b'\n');
            self.used = match line_end {
                Some(end) => searched + end + 1,
                None if at_end => self.buffer.len(),
                None => 0,
            };
            if at_end {
                break;
            }
        }
        Ok((self.used > 0).then_some(&self.buffer[..self.used]))
    }
}
