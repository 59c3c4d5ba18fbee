//! Each point under the cell whose center is nearest.

use std::sync::LazyLock;

use rayon::prelude::*;

use super::candidates::Candidates;
use super::center::Center;
use super::kd_tree::{KdTree, Nearest};
use crate::error::check_finite;
use crate::{Error, Result, threads};

/// Points that one thread takes at a time.
const CHUNK: usize = 4096;

/// Where there are fewer points for each center, lists of candidates take longer than they save.
const POINTS_PER_CENTER: usize = 10;

/// Index of the center nearest to each point; of those as near, the lowest.
///
/// N points and m centers take O((N + m) log m) time and O(N + m) memory.
///
/// # Errors
///
/// [`Error::InsufficientData`] without centers; [`Error::Element`] if a coordinate is not finite;
/// [`Error::Value`] if threads cannot be started.
///
/// # Examples
///
/// ```
/// # fn main() -> tramway::Result<()> {
/// let centers = [[0.0, 0.0], [1.0, 0.0]];
/// let cells = tramway::assignment::assign_nearest(&[[0.9, 0.2], [0.5, 0.1]], &centers)?;
/// assert_eq!(cells, [1, 0]);
/// # Ok(())
/// # }
/// ```
pub fn assign_nearest<const D: usize>(
    points: &[[f64; D]],
    centers: &[[f64; D]],
) -> Result<Vec<usize>> {
    assign_nearest_as(points, centers, |index| index)
}

/// As [`assign_nearest`], with numbers that the caller makes of the indices, so that there need not be a
/// list of both.
///
/// # Errors
///
/// As there.
pub fn assign_nearest_as<T: Copy + Default + Send, const D: usize>(
    points: &[[f64; D]],
    centers: &[[f64; D]],
    number: impl Fn(usize) -> T + Sync,
) -> Result<Vec<T>> {
    check(points, centers)?;
    let mut cells = vec![T::default(); points.len()];
    let search = Search::new(points.len(), centers)?;
    threads::install(|| {
        cells
            .par_chunks_mut(CHUNK)
            .zip(points.par_chunks(CHUNK))
            .for_each(|(cells, points)| {
                // Points follow tracks: the cell of one is a good guess for the next.
                let mut guess = 0;
                for (cell, point) in cells.iter_mut().zip(points) {
                    guess = search.nearest(point, guess);
                    *cell = number(guess);
                }
            });
    })?;
    Ok(cells)
}

/// Finds the centers nearest to points, one after the other.
pub(crate) struct Search<'a, const D: usize> {
    centers: &'a [[f64; D]],
    candidates: Option<Candidates<D>>,
    none: [Center<D>; 1],
    tree: LazyLock<KdTree<D>, Box<dyn FnOnce() -> KdTree<D> + Send + 'a>>,
}

impl<'a, const D: usize> Search<'a, D> {
    /// For so many points.
    ///
    /// # Errors
    ///
    /// If threads cannot be started.
    pub(crate) fn new(point_count: usize, centers: &'a [[f64; D]]) -> Result<Self> {
        let are_listed = point_count >= POINTS_PER_CENTER * centers.len();
        Ok(Self {
            centers,
            candidates: if are_listed {
                Candidates::new(centers)?
            } else {
                None
            },
            none: [Center::NONE],
            tree: LazyLock::new(Box::new(|| KdTree::new(centers))),
        })
    }

    /// Calls `found` with the place of each point and the index of the center nearest to it: as
    /// [`nearest`](Self::nearest), sooner for many points that are not near each other.
    pub(crate) fn nearest_each(&self, points: &[[f64; D]], mut found: impl FnMut(usize, usize)) {
        let Some(candidates) = &self.candidates else {
            let each = points.iter().map(|point| self.nearest_in_tree(point, 0));
            return each
                .enumerate()
                .for_each(|(place, index)| found(place, index));
        };
        candidates.nearest_each(points, |place, listed| {
            found(
                place,
                listed.unwrap_or_else(|| self.nearest_in_tree(&points[place], 0)),
            );
        });
    }

    /// The centers of which it is known what is by them, and, as the last one, one that nothing is by.
    pub(crate) fn centers(&self) -> &[Center<D>] {
        match &self.candidates {
            Some(candidates) => candidates.centers(),
            None => &self.none,
        }
    }

    /// Index of the center nearest to a point, sooner found if `guess` is near.
    #[inline]
    pub(crate) fn nearest(&self, point: &[f64; D], guess: usize) -> usize {
        let listed = self
            .candidates
            .as_ref()
            .and_then(|some| some.nearest(point));
        listed.unwrap_or_else(|| self.nearest_in_tree(point, guess))
    }

    #[cold]
    fn nearest_in_tree(&self, point: &[f64; D], guess: usize) -> usize {
        let guess = Nearest::new(point, &self.centers[guess], guess);
        self.tree.nearest(point, guess).index
    }
}

fn check<const D: usize>(points: &[[f64; D]], centers: &[[f64; D]]) -> Result<()> {
    check_finite("points", points)?;
    check_centers(centers)
}

pub(crate) fn check_centers<const D: usize>(centers: &[[f64; D]]) -> Result<()> {
    if centers.is_empty() {
        return Err(Error::InsufficientData {
            seen: "there is no cell center".to_owned(),
            needed: "at least one is needed to assign points".to_owned(),
        });
    }
    check_finite("centers", centers)
}
