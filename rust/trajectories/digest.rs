//! Recognising the localizations of translocations by a hash.

use xxhash_rust::xxh3::Xxh3;

use super::{Columns, Cropped};
use crate::error::check_length;
use crate::{Error, Result};

impl<const D: usize> Columns<'_, D> {
    /// Hashes all that is known of translocations: where and when each begins and ends, to the bit, the
    /// number of its track, and what `others` has of both localizations, as many words for each row of the
    /// table. Rows that translocations share are looked at once.
    ///
    /// It is XXH3 with 128 bits, whose algorithm is fixed: other data have another hash by all odds, but not
    /// if somebody means them to have the same. The `seed` tells tables of different columns apart.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if lengths differ; [`Error::Element`] if a row is not in the table, or the last of it.
    pub fn digest(&self, found: &Cropped, others: &[u64], seed: u64) -> Result<u128> {
        let count = self.time.len();
        let width = others.len().checked_div(count).unwrap_or(0);
        check_length("others", others.len(), width * count, "a multiple of `t`")?;
        check_length("tracks", found.tracks.len(), found.rows.len(), "`rows`")?;
        if let Some(index) = found.rows.iter().position(|row| row + 1 >= count) {
            return Err(Error::Element {
                name: "rows",
                index,
                seen: found.rows[index].to_string(),
                expected: "a row of the table, but not the last",
            });
        }
        let mut state = Xxh3::with_seed(seed);
        let mut words = Words::default();
        let steps: Vec<_> = found.rows.iter().copied().zip(&found.tracks).collect();
        for visit in steps.chunk_by(|one, next| one.1 == next.1 && one.0 + 1 == next.0) {
            let (first, track) = visit[0];
            let end = first + visit.len() + 1;
            words.put([track.cast_unsigned(), visit.len() as u64]);
            words.put(
                self.coordinates[first..end]
                    .as_flattened()
                    .iter()
                    .map(|x| x.to_bits()),
            );
            words.put(self.time[first..end].iter().map(|t| t.to_bits()));
            words.put(others[first * width..end * width].iter().copied());
            state.update(&words.bytes);
            words.bytes.clear();
        }
        Ok(state.digest128())
    }
}

/// Words as bytes, which are the same on every machine.
#[derive(Default)]
struct Words {
    bytes: Vec<u8>,
}

impl Words {
    fn put(&mut self, words: impl IntoIterator<Item = u64, IntoIter: ExactSizeIterator>) {
        let words = words.into_iter();
        let begin = self.bytes.len();
        self.bytes.resize(begin + words.len() * size_of::<u64>(), 0);
        let (places, _) = self.bytes[begin..].as_chunks_mut();
        for (place, word) in places.iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
    }
}
