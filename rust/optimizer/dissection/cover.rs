//! The smallest separator of the unknowns of another one and those next to it.

use super::{Dissection, NONE};

impl Dissection {
    /// Which unknowns of a separator leave it, and which of those next to it with a label join, so that it is the
    /// smallest one of both.
    ///
    /// It has an end of each coupling between both, and as few unknowns as a maximum matching has couplings (König,
    /// Mat. Fiz. Lapok 38, 116, 1931; separators: Ashcraft & Liu, SIAM J. Matrix Anal. Appl. 19, 325, 1998).
    pub(super) fn smaller(&mut self, separator: &[u32], label: u32) -> [Vec<u32>; 2] {
        let (mut beside, mut starts, mut ends) = (Vec::new(), vec![0], Vec::new());
        for &unknown in separator {
            for &other in self.graph.neighbours(unknown) {
                if self.labels[other as usize] == label {
                    let number = &mut self.numbers[other as usize];
                    if *number == NONE {
                        *number = short(beside.len());
                        beside.push(other);
                    }
                    ends.push(*number);
                }
            }
            starts.push(ends.len());
        }
        for &other in &beside {
            self.numbers[other as usize] = NONE;
        }
        let mut matching = Matching {
            starts,
            ends,
            mates: vec![NONE; separator.len()],
            mates_beside: vec![NONE; beside.len()],
        };
        matching.grow();
        let [leave, join] = matching.alternating();
        let pick = |all: &[u32], numbers: Vec<u32>| {
            let of_all = numbers.into_iter().map(|number| all[number as usize]);
            of_all.collect()
        };
        [pick(separator, leave), pick(&beside, join)]
    }
}

/// Couplings between two sets, own unknowns and those beside, of which some have no unknown in common.
struct Matching {
    /// Where the couplings of each own unknown start.
    starts: Vec<usize>,
    /// Their ends beside.
    ends: Vec<u32>,
    mates: Vec<u32>,
    mates_beside: Vec<u32>,
}

impl Matching {
    /// Makes it as large as can be, by augmenting paths, many in one sweep (Hopcroft & Karp 1973).
    fn grow(&mut self) {
        let size = self.mates.len();
        let mut sweep = vec![NONE; self.mates_beside.len()];
        let (mut next, mut path) = (Vec::new(), Vec::new());
        for number in 0.. {
            let mut is_done = true;
            next.clear();
            next.extend_from_slice(&self.starts[..size]);
            for start in 0..size {
                if self.mates[start] != NONE {
                    continue;
                }
                path.clear();
                path.push(start);
                while let Some(&k) = path.last() {
                    let Some(&end) = self.ends[..self.starts[k + 1]].get(next[k]) else {
                        path.pop();
                        continue;
                    };
                    next[k] += 1;
                    if std::mem::replace(&mut sweep[end as usize], number) == number {
                        continue;
                    }
                    match self.mates_beside[end as usize] {
                        NONE => {
                            self.augment(&path, end);
                            is_done = false;
                            break;
                        }
                        mate => path.push(mate as usize),
                    }
                }
            }
            if is_done {
                return;
            }
        }
    }

    /// Each on the path gets the mate of the next one, and the last the end of the path.
    fn augment(&mut self, path: &[usize], mut end: u32) {
        for &k in path.iter().rev() {
            self.mates_beside[end as usize] = short(k);
            end = std::mem::replace(&mut self.mates[k], end);
        }
    }

    /// The own unknowns, and those beside, that alternating paths from own ones without a mate come to.
    fn alternating(&self) -> [Vec<u32>; 2] {
        let free = (0..self.mates.len()).filter(|&k| self.mates[k] == NONE);
        let mut own: Vec<u32> = free.map(short).collect();
        let mut beside = Vec::new();
        let mut is_met = vec![false; self.mates_beside.len()];
        let mut at = 0;
        while let Some(&k) = own.get(at) {
            for &end in &self.ends[self.starts[k as usize]..self.starts[k as usize + 1]] {
                if !std::mem::replace(&mut is_met[end as usize], true) {
                    beside.push(end);
                    // It has one, or the matching could grow.
                    own.push(self.mates_beside[end as usize]);
                }
            }
            at += 1;
        }
        [own, beside]
    }
}

/// A number in a set, which has fewer unknowns than the matrix.
#[allow(clippy::cast_possible_truncation)]
fn short(number: usize) -> u32 {
    number as u32
}
