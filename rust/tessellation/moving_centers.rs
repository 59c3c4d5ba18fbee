//! Centers that come and move, to be searched all the while.

/// Buckets per center, at most.
const BUCKETS_PER_CENTER: f64 = 4.0;

/// Centers by the bucket that they are in; buckets become smaller as centers become more.
pub(super) struct MovingCenters<const D: usize> {
    lower: [f64; D],
    extent: [f64; D],
    /// Side of the buckets in the end.
    finest: f64,
    /// Side of the buckets.
    size: f64,
    /// Number of buckets along each axis.
    shape: [usize; D],
    buckets: Vec<Vec<usize>>,
    centers: Vec<[f64; D]>,
    /// Number of centers that there may be before buckets are to be smaller.
    room: usize,
}

impl<const D: usize> MovingCenters<D> {
    /// For centers among some points, at least one, about as close as some squared radii say.
    pub(super) fn new(points: &[[f64; D]], squared_radii: &[f64]) -> Self {
        let fold = |d: usize, pick: fn(f64, f64) -> f64| {
            points.iter().map(|point| point[d]).fold(points[0][d], pick)
        };
        let lower: [f64; D] = std::array::from_fn(|d| fold(d, f64::min));
        let extent: [f64; D] = std::array::from_fn(|d| fold(d, f64::max) - lower[d]);
        let mut sorted = squared_radii.to_vec();
        let middle = sorted.len() / 2;
        let (_, &mut median, _) = sorted.select_nth_unstable_by(middle, f64::total_cmp);
        Self {
            lower,
            extent,
            // Squares of tiny radii are zero.
            finest: median.sqrt().max(f64::MIN_POSITIVE),
            size: f64::INFINITY,
            shape: [1; D],
            buckets: vec![Vec::new()],
            centers: Vec::new(),
            room: 1,
        }
    }

    /// Chooses buckets for the number of centers there are.
    fn refine(&mut self) {
        self.room = 2 * self.centers.len();
        self.size = self.finest;
        while self.bucket_count() > BUCKETS_PER_CENTER * self.centers.len() as f64 {
            self.size *= 2.0;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // as many as centers
        let shape = self.extent.map(|length| (length / self.size) as usize + 1);
        self.shape = shape;
        self.buckets = vec![Vec::new(); shape.iter().product()];
        for index in 0..self.centers.len() {
            let bucket = self.bucket(&self.place(&self.centers[index]));
            self.buckets[bucket].push(index);
        }
    }

    fn bucket_count(&self) -> f64 {
        let along = |length: &f64| (length / self.size).floor() + 1.0;
        self.extent.iter().map(along).product()
    }

    /// The centers, in the order in which they came.
    pub(super) fn into_centers(self) -> Vec<[f64; D]> {
        self.centers
    }

    /// Adds a center among the points.
    pub(super) fn add(&mut self, center: [f64; D]) {
        self.centers.push(center);
        if self.centers.len() > self.room {
            self.refine();
        } else {
            let bucket = self.bucket(&self.place(&center));
            self.buckets[bucket].push(self.centers.len() - 1);
        }
    }

    /// Moves a center a part of its way to a point.
    pub(super) fn pull(&mut self, index: usize, point: &[f64; D], part: f64) {
        let from = self.centers[index];
        let to = std::array::from_fn(|d| from[d] + part * (point[d] - from[d]));
        self.centers[index] = to;
        let (old, new) = (self.place(&from), self.place(&to));
        if old != new {
            let (old, new) = (self.bucket(&old), self.bucket(&new));
            self.buckets[old].retain(|&other| other != index);
            self.buckets[new].push(index);
        }
    }

    /// The nearest two of at least two centers, and the squares of how far they are; of those as far,
    /// the earlier.
    pub(super) fn nearest_two(&self, point: &[f64; D]) -> [(usize, f64); 2] {
        let place = self.place(point);
        let mut two = [(usize::MAX, f64::INFINITY); 2];
        for ring in 0..self.shape.iter().copied().max().unwrap_or(1) {
            // Buckets of this ring are at least as far.
            let distance = ring.saturating_sub(1) as f64 * self.size;
            if distance * distance > two[1].1 {
                break;
            }
            self.visit_ring(&place, ring, |index| {
                let center = &self.centers[index];
                let squared = (0..D).map(|d| (point[d] - center[d]).powi(2)).sum();
                let before = |it: &(usize, f64)| (squared, index) < (it.1, it.0);
                if before(&two[0]) {
                    two = [(index, squared), two[0]];
                } else if before(&two[1]) {
                    two[1] = (index, squared);
                }
            });
        }
        two
    }

    /// Visits the centers in the buckets that are `ring` from a place along one axis, and no more
    /// along the others.
    fn visit_ring(&self, place: &[usize; D], ring: usize, mut visit: impl FnMut(usize)) {
        let first: [usize; D] = std::array::from_fn(|d| place[d].saturating_sub(ring));
        let last: [usize; D] = std::array::from_fn(|d| (place[d] + ring).min(self.shape[d] - 1));
        let mut at = first;
        loop {
            // Inside of the ring along all axes but the last, only its two ends are on the ring.
            let on_ring = (0..D - 1).any(|d| at[d].abs_diff(place[d]) == ring);
            let whole = on_ring
                .then_some(first[D - 1]..=last[D - 1])
                .into_iter()
                .flatten();
            let below = place[D - 1].checked_sub(ring);
            let above =
                Some(place[D - 1] + ring).filter(|&end| end < self.shape[D - 1] && ring > 0);
            let ends = [below, above].into_iter().flatten().filter(|_| !on_ring);
            for end in whole.chain(ends) {
                at[D - 1] = end;
                for &index in &self.buckets[self.bucket(&at)] {
                    visit(index);
                }
            }
            // The next row, the last axis but one running fastest.
            let Some(axis) = (0..D - 1).rev().find(|&d| at[d] < last[d]) else {
                return;
            };
            at[axis] += 1;
            at[axis + 1..].copy_from_slice(&first[axis + 1..]);
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // in the shape by then
    fn place(&self, point: &[f64; D]) -> [usize; D] {
        std::array::from_fn(|d| {
            let place = ((point[d] - self.lower[d]) / self.size) as usize;
            place.min(self.shape[d] - 1)
        })
    }

    fn bucket(&self, place: &[usize; D]) -> usize {
        (0..D).fold(0, |number, d| number * self.shape[d] + place[d])
    }
}
