//! The few centers that can be the nearest to a point, looked up in a grid.

use std::array::from_fn;
use std::hint::select_unpredictable;

use rayon::prelude::*;

use super::center::Center;
use super::grid::{Grid, MARGIN};
use super::kd_tree::squared_distance;
use crate::{Result, threads};

/// Longer lists are not worth reading.
const MAX_CANDIDATES: usize = 32;

/// Candidates that are compared without a branch in between.
const AT_ONCE: usize = 4;

/// Points whose lists are looked up before any is read.
const LOOKED_UP: usize = 32;

/// How many boxes away from a box centers are looked for, which is enough for most boxes.
const REACH: usize = 2;

/// The same, at most.
const MAX_REACH: usize = 4;

/// Of a box with more candidates than are compared at once: before the places where its list begins and ends.
const IS_LISTED: u32 = u32::MAX;

/// Of a box where it is not known which centers are candidates.
const UNKNOWN: [u32; AT_ONCE] = [IS_LISTED, 0, 0, 0];

/// Boxes that one thread takes at a time.
const SHARE: usize = 1024;

/// For each box of a grid around centers, those that can be the nearest to a point in the box.
///
/// A center cannot if, of all points in the box, none is as near to it as to the center that is nearest to
/// the middle of the box.
pub(super) struct Candidates<const D: usize> {
    grid: Grid<D>,
    /// For each box, numbers of centers, ascending, of which the last one is repeated until there are [`AT_ONCE`]; or
    /// [`IS_LISTED`] and where its list is.
    boxes: Vec<[u32; AT_ONCE]>,
    /// Longer lists of the same kind, one after the other.
    lists: Vec<[u32; AT_ONCE]>,
    /// All centers, with what tells whether a point is by one: so that who has asked for that has them at hand. The last
    /// one is none.
    centers: Vec<Center<D>>,
}

/// What is found of some boxes, beside what is known of each: their lists, and clearances of the centers in them.
type Part = (Vec<[u32; AT_ONCE]>, Vec<(u32, f64)>);

impl<const D: usize> Candidates<D> {
    /// Makes the lists, in O(m) time for m centers; none where these are too far apart, or too many.
    ///
    /// # Errors
    ///
    /// If threads cannot be started.
    pub(super) fn new(centers: &[[f64; D]]) -> Result<Option<Self>> {
        let Some(grid) = Grid::around(centers) else {
            return Ok(None);
        };
        let filed = Filed::new(&grid, centers);
        let part = |(part, boxes): (usize, &mut [[u32; AT_ONCE]])| {
            let (mut found, mut room): (Part, _) = ((vec![], vec![]), vec![]);
            for (number, few) in (part * SHARE..).zip(boxes) {
                *few = filed.candidates_of(number, &mut found, &mut room);
            }
            found
        };
        let mut boxes = vec![UNKNOWN; grid.box_count()];
        // To hand a little to other threads takes longer than to do it.
        let parts: Vec<Part> = if boxes.len() <= SHARE {
            vec![part((0, &mut boxes))]
        } else {
            let boxes = &mut boxes;
            threads::install(|| boxes.par_chunks_mut(SHARE).enumerate().map(part).collect())?
        };
        let known = |&place: &[f64; D]| Center {
            place,
            ..Center::NONE
        };
        let known = centers.iter().map(known);
        let mut centers: Vec<Center<D>> = known.chain([Center::NONE]).collect();
        let mut lists = vec![];
        for (boxes, (longer, clear)) in boxes.chunks_mut(SHARE).zip(parts) {
            let Ok(before) = u32::try_from(lists.len()) else {
                return Ok(None);
            };
            for few in boxes.iter_mut().filter(|few| few[0] == IS_LISTED) {
                few[1] += before;
                few[2] += before;
            }
            lists.extend(longer);
            for (index, clearance) in clear {
                centers[index as usize].clearance = clearance;
            }
        }
        Ok(Some(Self {
            grid,
            boxes,
            lists,
            centers,
        }))
    }

    /// All centers, and one that nothing is by.
    pub(super) fn centers(&self) -> &[Center<D>] {
        &self.centers
    }

    /// The nearest center, the one with the lowest index among those as near; none where the lists do
    /// not tell.
    #[inline]
    pub(super) fn nearest(&self, point: &[f64; D]) -> Option<usize> {
        self.nearest_of(self.look_up(point), point)
    }

    /// The same of some points, one after the other. They are looked up before any distance is computed: so the memory
    /// is asked for several boxes at once.
    pub(super) fn nearest_each(
        &self,
        points: &[[f64; D]],
        mut found: impl FnMut(usize, Option<usize>),
    ) {
        for (part, points) in points.chunks(LOOKED_UP).enumerate() {
            let mut boxes = [UNKNOWN; LOOKED_UP];
            for (few, point) in boxes.iter_mut().zip(points) {
                *few = self.look_up(point);
            }
            for (i, (few, point)) in boxes.into_iter().zip(points).enumerate() {
                found(part * LOOKED_UP + i, self.nearest_of(few, point));
            }
        }
    }

    /// What is known of the box that a point is in.
    #[inline]
    fn look_up(&self, point: &[f64; D]) -> [u32; AT_ONCE] {
        self.grid
            .number_of(point)
            .map_or(UNKNOWN, |number| self.boxes[number])
    }

    /// The nearest of the candidates of a box.
    #[inline]
    fn nearest_of(&self, few: [u32; AT_ONCE], point: &[f64; D]) -> Option<usize> {
        match few {
            [IS_LISTED, begin, end, _] => {
                self.nearest_in(&self.lists[begin as usize..end as usize], point)
            }
            few => self.nearest_in(&[few], point),
        }
    }

    #[inline]
    fn nearest_in(&self, list: &[[u32; AT_ONCE]], point: &[f64; D]) -> Option<usize> {
        // Where all are infinitely far, the first one is as near as any.
        let (mut nearest, mut least) = (list.first()?[0], f64::INFINITY);
        for some in list {
            for &index in some {
                let squared = squared_distance(point, &self.centers[index as usize].place);
                // Of centers as near, the first one stays.
                nearest = select_unpredictable(squared < least, index, nearest);
                least = select_unpredictable(squared < least, squared, least);
            }
        }
        Some(nearest as usize)
    }
}

/// Centers by the box that they are in.
struct Filed<'a, const D: usize> {
    grid: &'a Grid<D>,
    starts: Vec<u32>,
    /// Index of each, and where it is, in units of the side of boxes.
    centers: Vec<(u32, [f64; D])>,
}

/// A center that may be a candidate: square of its distance to the middle of a box, index, and offset
/// from there.
type Near<const D: usize> = (f64, u32, [f64; D]);

impl<'a, const D: usize> Filed<'a, D> {
    #[allow(clippy::cast_possible_truncation)] // there are fewer than 2^32
    fn new(grid: &'a Grid<D>, centers: &[[f64; D]]) -> Self {
        let numbers: Vec<usize> = centers
            .iter()
            .map(|center| grid.number_of(center).unwrap_or(0))
            .collect();
        let mut starts = vec![0; grid.box_count() + 1];
        for &number in &numbers {
            starts[number] += 1;
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        // From the ends of the boxes to where they begin.
        let mut filed = vec![(0, [0.0; D]); centers.len()];
        for (index, &number) in numbers.iter().enumerate().rev() {
            starts[number] -= 1;
            filed[starts[number] as usize] = (index as u32, grid.scaled(&centers[index]));
        }
        Self {
            grid,
            starts,
            centers: filed,
        }
    }

    /// What is known of a box; appends its list, if need be, and the clearances of the centers in it. Room for what is
    /// around it comes with it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0, as many as 32 for each of SHARE
    fn candidates_of(
        &self,
        number: usize,
        (lists, clearances): &mut Part,
        room: &mut Vec<Near<D>>,
    ) -> [u32; AT_ONCE] {
        let place = self.grid.place_of(number);
        let half = 0.5 * (D as f64).sqrt();
        let mut reach = REACH;
        let nearest = loop {
            self.find_near(place, reach, room);
            let nearest = room
                .iter()
                .copied()
                .reduce(|best, other| if other.0 < best.0 { other } else { best });
            // Of all points in the box, the farthest has its nearest center no farther away.
            let farthest = |best: Near<D>| best.0.sqrt() + half + MARGIN;
            let needed = nearest.map_or((reach + 1) as f64, farthest);
            match nearest {
                Some(nearest) if needed <= reach as f64 => break nearest,
                _ if needed <= MAX_REACH as f64 => reach = needed.ceil() as usize,
                _ => return UNKNOWN,
            }
        };
        for &(index, center) in self.in_box(number) {
            clearances.push((index, self.clearance(index, place, center, reach, room)));
        }
        room.retain(|(squared, _, offset)| {
            let across: f64 = (0..D).map(|d| (offset[d] - nearest.2[d]).abs()).sum();
            squared - nearest.0 <= (1.0 + MARGIN) * across + MARGIN
        });
        if room.len() > MAX_CANDIDATES {
            return UNKNOWN;
        }
        room.sort_unstable_by_key(|near| near.1);
        let before = lists.len() as u32;
        let few = |some: &[Near<D>]| from_fn(|i| some[i.min(some.len() - 1)].1);
        if room.len() <= AT_ONCE {
            few(room)
        } else {
            lists.extend(room.chunks(AT_ONCE).map(few));
            [IS_LISTED, before, lists.len() as u32, 0]
        }
    }

    /// The centers in a box.
    fn in_box(&self, number: usize) -> &[(u32, [f64; D])] {
        &self.centers[self.starts[number] as usize..self.starts[number + 1] as usize]
    }

    /// Square of half the distance from a center to any other, given those no farther than `reach` from its box.
    fn clearance(
        &self,
        index: u32,
        place: [usize; D],
        center: [f64; D],
        reach: usize,
        room: &[Near<D>],
    ) -> f64 {
        let from: [f64; D] = from_fn(|d| center[d] - (place[d] as f64 + 0.5));
        let others = room.iter().filter(|near| near.1 != index);
        let squares = others.map(|near| squared_distance(&from, &near.2));
        let nearest = squares.fold((reach * reach) as f64, f64::min).sqrt();
        (0.5 * (nearest - 4.0 * MARGIN).max(0.0) / self.grid.density).powi(2)
    }

    /// Finds all centers in boxes no farther from one box than `reach` along any axis.
    fn find_near(&self, place: [usize; D], reach: usize, room: &mut Vec<Near<D>>) {
        let counts = &self.grid.counts;
        let middle = place.map(|place| place as f64 + 0.5);
        let first = place.map(|place| place.saturating_sub(reach));
        let last: [usize; D] = from_fn(|d| (place[d] + reach).min(counts[d] - 1));
        room.clear();
        let mut here = first;
        loop {
            // Boxes along the last axis follow each other.
            let begin = here
                .iter()
                .zip(counts)
                .fold(0, |number, (place, count)| number * count + place);
            let end = begin + last[D - 1] - first[D - 1] + 1;
            let run = self.starts[begin] as usize..self.starts[end] as usize;
            room.extend(self.centers[run].iter().map(|&(index, center)| {
                let offset: [f64; D] = from_fn(|d| center[d] - middle[d]);
                (offset.iter().map(|x| x * x).sum(), index, offset)
            }));
            let Some(axis) = (0..D - 1).rev().find(|&d| here[d] < last[d]) else {
                return;
            };
            here[axis] += 1;
            here[axis + 1..D - 1].copy_from_slice(&first[axis + 1..D - 1]);
        }
    }
}
