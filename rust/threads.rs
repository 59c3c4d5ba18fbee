//! The one pool of threads that every parallel loop of the crate runs in.
//!
//! Results never depend on the number of threads: parallel loops only map independent elements, and
//! whatever is summed is summed in one fixed order.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{Error, Result};

static POOL: Mutex<Option<Arc<ThreadPool>>> = Mutex::new(None);

/// Sets how many threads parallel loops use from now on; 0 means as many as the process may use
/// (its affinity mask, as set by Slurm or `taskset`).
///
/// # Errors
///
/// [`Error::Value`] if the operating system refuses to start that many.
pub fn set_thread_count(count: usize) -> Result<()> {
    *POOL.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(build(count)?));
    Ok(())
}

/// Number of threads that parallel loops use.
///
/// # Errors
///
/// As [`set_thread_count`], the first time.
pub fn thread_count() -> Result<usize> {
    Ok(pool()?.current_num_threads())
}

/// Runs `work` inside the pool, so that the parallel iterators in it use its threads.
///
/// # Errors
///
/// As [`set_thread_count`], the first time.
pub fn install<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R> {
    Ok(pool()?.install(work))
}

/// Elements that one thread takes at a time.
pub(crate) const CHUNK: usize = 1 << 16;

/// Elements that are looked at without a way out in between: so compilers look at several at once.
const AT_ONCE: usize = 256;

/// Index of the first element that is `wanted`, which is looked for in parallel.
///
/// # Errors
///
/// As [`set_thread_count`], the first time.
pub(crate) fn position<T: Sync>(
    elements: &[T],
    wanted: impl Fn(&T) -> bool + Sync,
) -> Result<Option<usize>> {
    let in_chunk = |elements: &[T]| {
        let is_in = |some: &[T]| some.iter().fold(false, |is_in, one| is_in | wanted(one));
        let before = elements.chunks(AT_ONCE).position(is_in)? * AT_ONCE;
        Some(before + elements[before..].iter().position(&wanted)?)
    };
    if elements.len() <= CHUNK {
        return Ok(in_chunk(elements));
    }
    install(|| {
        let chunks = elements.par_chunks(CHUNK).enumerate();
        chunks.find_map_first(|(chunk, elements)| Some(chunk * CHUNK + in_chunk(elements)?))
    })
}

/// The first number below `count` that is `wanted`, which is looked for in parallel.
///
/// # Errors
///
/// As [`set_thread_count`], the first time.
pub(crate) fn first(count: usize, wanted: impl Fn(usize) -> bool + Sync) -> Result<Option<usize>> {
    if count <= CHUNK {
        return Ok((0..count).find(|&number| wanted(number)));
    }
    install(|| {
        let chunks = (0..count.div_ceil(CHUNK)).into_par_iter();
        chunks.find_map_first(|chunk| numbers(chunk, count).find(|&number| wanted(number)))
    })
}

/// All numbers below `count` that are `wanted`, ascending; they are looked for in parallel.
///
/// # Errors
///
/// As [`set_thread_count`], the first time.
pub(crate) fn filter(count: usize, wanted: impl Fn(usize) -> bool + Sync) -> Result<Vec<usize>> {
    let found = |chunk: usize| numbers(chunk, count).filter(|&n| wanted(n)).collect();
    if count <= CHUNK {
        return Ok(found(0));
    }
    let chunks: Vec<Vec<usize>> = install(|| {
        (0..count.div_ceil(CHUNK))
            .into_par_iter()
            .map(found)
            .collect()
    })?;
    Ok(chunks.concat())
}

/// The numbers below `count` in a chunk.
fn numbers(chunk: usize, count: usize) -> Range<usize> {
    let begin = chunk * CHUNK;
    begin..count.min(begin + CHUNK)
}

fn pool() -> Result<Arc<ThreadPool>> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = &*pool {
        return Ok(Arc::clone(pool));
    }
    let built = Arc::new(build(0)?);
    *pool = Some(Arc::clone(&built));
    Ok(built)
}

fn build(count: usize) -> Result<ThreadPool> {
    // Rayon's own default reads an environment variable; the affinity mask is the better promise.
    let count = match count {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    };
    ThreadPoolBuilder::new()
        .num_threads(count)
        .build()
        .map_err(|reason| Error::Value {
            name: "thread count",
            seen: format!("{count} ({reason})"),
            expected: "a number of threads that the system can start",
        })
}
