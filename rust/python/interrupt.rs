//! Long work that Ctrl-C can stop.

use std::time::{Duration, Instant};

use pyo3::prelude::*;

use super::errors::InvalidInputError;

/// How often Python is asked whether a signal arrived.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(100);

/// Runs something long without the interpreter, which is asked now and then, by what is handed to the
/// work, whether a signal arrived; raises what the signal's handler raises.
pub(super) fn interruptible<R: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut dyn FnMut() -> bool) -> R + Send,
) -> PyResult<R> {
    let mut raised = None;
    let mut last = Instant::now();
    let mut interrupt = || {
        if last.elapsed() >= SIGNAL_INTERVAL {
            last = Instant::now();
            raised = Python::attach(pending_signal);
        }
        raised.is_some()
    };
    let result = py.detach(|| work(&mut interrupt));
    raised.map_or(Ok(result), Err)
}

/// What Python's handlers of the signals that have arrived raise.
fn pending_signal(py: Python<'_>) -> Option<PyErr> {
    py.check_signals().err()
}

/// A time limit in s, if there is one.
pub(super) fn time_limit(max_seconds: Option<f64>) -> PyResult<Option<Duration>> {
    max_seconds
        .map(|seconds| {
            Duration::try_from_secs_f64(seconds).map_err(|_| {
                InvalidInputError::new_err(format!("`max_seconds` is {seconds}, expected ≥ 0"))
            })
        })
        .transpose()
}
