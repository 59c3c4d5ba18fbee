//! The smallest separator near another one.

use super::{Cut, Dissection, LEAST, NONE, Side};

/// The band on each side of a separator has at most so many times its unknowns.
const WIDTH: usize = 3;

impl Dissection {
    /// Moves the separator of the present part to the smallest one in a band around it, if that takes fewer
    /// operations; whether it was moved.
    ///
    /// The smallest has as many unknowns as there are paths, from what is beyond the band on one side to what
    /// is beyond it on the other, with no unknown in common (Menger, Fundam. Math. 10, 96, 1927; separators of
    /// sparse matrices: Ashcraft & Liu, SIAM J. Matrix Anal. Appl. 19, 325, 1998).
    pub(super) fn improve(&mut self, cut: &mut Cut, halo: usize) -> bool {
        let mut band = self.band(cut);
        band.find_paths();
        let mut beyond = cut.sizes;
        for &unknown in &band.unknowns {
            match self.side(unknown) {
                Some(Side::First) => beyond[0] -= 1,
                Some(Side::Second) => beyond[1] -= 1,
                _ => {}
            }
        }
        let mut best = None;
        for sides in [band.nearest_to_first(), band.nearest_to_second()] {
            let count = |side| sides.iter().filter(|&&other| other == side).count();
            let [first, second, separator] = Side::ALL.map(count);
            let sizes = [beyond[0] + first, beyond[1] + second];
            let operations = self.operations(sizes, separator, halo);
            if sizes[0].min(sizes[1]) > 0 && operations < cut.operations {
                cut.sizes = sizes;
                cut.operations = operations;
                best = Some(sides);
            }
        }
        let Some(sides) = best else {
            return false;
        };
        cut.separator.clear();
        for (&unknown, side) in band.unknowns.iter().zip(sides) {
            self.put(unknown, side);
            if side == Side::Separator {
                cut.separator.push(unknown);
            }
        }
        true
    }

    /// The band around a separator: the unknowns nearest to it in the graph.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a part of a number
    fn band(&mut self, cut: &Cut) -> Band {
        let size = cut.sizes[0] + cut.sizes[1] + cut.separator.len();
        let least = (LEAST * size as f64) as usize;
        let [first, mut second] =
            [(Side::First, cut.sizes[0]), (Side::Second, cut.sizes[1])].map(|(side, size)| {
                let most = size.saturating_sub(least).min(WIDTH * cut.separator.len());
                self.nearest(&cut.separator, side, most)
            });
        // Numbered from the second side on, so that the nearest to it come first.
        second.reverse();
        let unknowns = [&second[..], &cut.separator, &first].concat();
        for (number, &unknown) in (0..).zip(&unknowns) {
            self.numbers[unknown as usize] = number;
        }
        let mut band = Band {
            starts: vec![0],
            neighbours: Vec::new(),
            touches: vec![[false; 2]; unknowns.len()],
            before: vec![NONE; unknowns.len()],
            after: vec![NONE; unknowns.len()],
            is_met: Vec::new(),
            unknowns,
        };
        for (touches, &unknown) in band.touches.iter_mut().zip(&band.unknowns) {
            let begin = band.neighbours.len();
            for &other in self.graph.neighbours(unknown) {
                let number = self.numbers[other as usize];
                match self.side(other) {
                    Some(_) if number != NONE => band.neighbours.push(number),
                    Some(Side::First) => touches[0] = true,
                    Some(Side::Second) => touches[1] = true,
                    _ => {}
                }
            }
            band.neighbours[begin..].sort_unstable();
            band.starts.push(band.neighbours.len());
        }
        for &unknown in &band.unknowns {
            self.numbers[unknown as usize] = NONE;
        }
        band
    }

    /// The unknowns on a side nearest to some others, the nearest first, so many at most. They get a number.
    fn nearest(&mut self, from: &[u32], side: Side, most: usize) -> Vec<u32> {
        let mut queue = from.to_vec();
        let mut at = 0;
        while at < queue.len() {
            for &other in self.graph.neighbours(queue[at]) {
                let is_new = self.numbers[other as usize] == NONE;
                if is_new && self.side(other) == Some(side) && queue.len() < from.len() + most {
                    self.numbers[other as usize] = 0;
                    queue.push(other);
                }
            }
            at += 1;
        }
        queue.split_off(from.len())
    }
}

/// Part of a graph between two sides, and paths through it that have no unknown in common.
struct Band {
    unknowns: Vec<u32>,
    /// Where the neighbours of each start, by their numbers in the band, those nearest to the second side first.
    starts: Vec<usize>,
    neighbours: Vec<u32>,
    /// Whether each is coupled to any beyond the band, on the first side and on the second.
    touches: Vec<[bool; 2]>,
    /// The one before each on its path, itself if it is the first; none if it is on no path.
    before: Vec<u32>,
    /// The one after each on its path, itself if it is the last.
    after: Vec<u32>,
    /// Whether a search has come to each, as where a path would enter it (2k) and leave it (2k + 1).
    is_met: Vec<bool>,
}

impl Band {
    /// Finds as many paths as there are, by augmenting paths (Ford & Fulkerson, Can. J. Math. 8, 399, 1956),
    /// many in one sweep (Dinic 1970).
    fn find_paths(&mut self) {
        let size = self.unknowns.len();
        let mut next = Vec::new();
        let mut path = Vec::new();
        loop {
            self.is_met.clear();
            self.is_met.resize(2 * size, false);
            next.clear();
            next.extend_from_slice(&self.starts[..size]);
            let mut is_done = true;
            for start in 0..size {
                if self.touches[start][0]
                    && !self.is_met[2 * start]
                    && self.search(start, &mut next, &mut path)
                {
                    self.augment(&path);
                    is_done = false;
                }
            }
            if is_done {
                return;
            }
        }
    }

    /// Searches a path from one unknown to the second side, along which there can be one more.
    fn search(&mut self, start: usize, next: &mut [usize], path: &mut Vec<usize>) -> bool {
        path.clear();
        path.push(2 * start);
        self.is_met[2 * start] = true;
        while let Some(&state) = path.last() {
            let k = state / 2;
            let before = self.before[k];
            let step = if state % 2 == 0 {
                // Through it, if it is on no path yet; otherwise back along that path.
                let to = if before == NONE { k } else { before as usize };
                (before != short(k) && !self.is_met[2 * to + 1]).then_some(2 * to + 1)
            } else if self.touches[k][1] {
                return true;
            } else {
                let neighbours = &self.neighbours[next[k]..self.starts[k + 1]];
                let found = neighbours
                    .iter()
                    .position(|&other| !self.is_met[2 * other as usize]);
                next[k] += found.map_or(neighbours.len(), |found| found + 1);
                match found {
                    Some(found) => Some(2 * neighbours[found] as usize),
                    None => (before != NONE && !self.is_met[2 * k]).then_some(2 * k),
                }
            };
            match step {
                Some(to) => {
                    self.is_met[to] = true;
                    path.push(to);
                }
                None => {
                    path.pop();
                }
            }
        }
        false
    }

    /// Adds the path that was found, and takes away what it goes back along.
    fn augment(&mut self, path: &[usize]) {
        let steps = || {
            path.windows(2)
                .map(|step| (step[0], step[1]))
                .filter(|(a, b)| a / 2 != b / 2)
        };
        for (from, to) in steps().filter(|(from, _)| from % 2 == 0) {
            self.before[from / 2] = NONE;
            self.after[to / 2] = NONE;
        }
        for (from, to) in steps().filter(|(from, _)| from % 2 == 1) {
            self.after[from / 2] = short(to / 2);
            self.before[to / 2] = short(from / 2);
        }
        let (first, last) = (path[0] / 2, path[path.len() - 1] / 2);
        self.before[first] = short(first);
        self.after[last] = short(last);
    }

    /// The side of each unknown that the smallest separator nearest to the first side leaves it on: what the
    /// last search came to.
    fn nearest_to_first(&self) -> Vec<Side> {
        let is_met = self.is_met.chunks_exact(2);
        is_met
            .map(|is_met| match is_met {
                [true, true] => Side::First,
                [true, false] => Side::Separator,
                _ => Side::Second,
            })
            .collect()
    }

    /// The same of the smallest separator nearest to the second side, by a search from there.
    fn nearest_to_second(&self) -> Vec<Side> {
        let size = self.unknowns.len();
        let mut is_met = vec![false; 2 * size];
        let mut states: Vec<usize> = (0..size)
            .filter(|&k| self.touches[k][1])
            .map(|k| 2 * k + 1)
            .collect();
        for &state in &states {
            is_met[state] = true;
        }
        while let Some(state) = states.pop() {
            let k = state / 2;
            let mut meet = |state: usize| {
                if !is_met[state] {
                    is_met[state] = true;
                    states.push(state);
                }
            };
            if state % 2 == 0 {
                let neighbours = &self.neighbours[self.starts[k]..self.starts[k + 1]];
                for &other in neighbours {
                    meet(2 * other as usize + 1);
                }
                if self.before[k] != NONE {
                    meet(2 * k + 1);
                }
            } else if self.before[k] == NONE {
                meet(2 * k);
            } else if self.after[k] != short(k) {
                meet(2 * self.after[k] as usize);
            }
        }
        let is_met = is_met.chunks_exact(2);
        is_met
            .map(|is_met| match is_met {
                [true, true] => Side::Second,
                [false, true] => Side::Separator,
                _ => Side::First,
            })
            .collect()
    }
}

/// A number in a band, which has fewer unknowns than the matrix.
#[allow(clippy::cast_possible_truncation)]
fn short(number: usize) -> u32 {
    number as u32
}
