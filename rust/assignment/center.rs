//! Centers, and how near to them no other one is as near.

/// A center, and the square of a distance within which it is the nearest; zero where none is known.
pub(crate) struct Center<const D: usize> {
    pub(crate) place: [f64; D],
    pub(crate) clearance: f64,
}

impl<const D: usize> Center<D> {
    /// One that nothing is by.
    pub(crate) const NONE: Self = Self {
        place: [0.0; D],
        clearance: 0.0,
    };
}
