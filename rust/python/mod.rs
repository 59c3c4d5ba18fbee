//! The Python extension module `tramway._core`: each function converts and checks its arguments,
//! releases the interpreter, calls one function of the core, and converts the result back.

// PyO3 hands arguments over by value.
#![allow(clippy::needless_pass_by_value)]

mod arrays;
mod assignment;
mod croppable;
mod errors;
mod fields;
mod given;
mod hdf5;
mod inference;
mod interrupt;
mod lattices;
mod midpoints;
mod models;
mod operators;
mod polygons;
mod quad_tree;
mod segmentation;
mod simulation;
mod statistics;
mod trajectories;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Its check, also where `tramway/__init__.py` is that of another distribution.
    module.py().import("tramway._installation")?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(set_thread_count, module)?)?;
    module.add_function(wrap_pyfunction!(thread_count, module)?)?;
    fields::register(module)?;
    trajectories::register(module)?;
    croppable::register(module)?;
    polygons::register(module)?;
    segmentation::register(module)?;
    lattices::register(module)?;
    quad_tree::register(module)?;
    assignment::register(module)?;
    statistics::register(module)?;
    midpoints::register(module)?;
    inference::register(module)?;
    models::register(module)?;
    operators::register(module)?;
    simulation::register(module)?;
    hdf5::register(module)?;
    Ok(())
}

#[pyfunction]
fn set_thread_count(count: usize) -> PyResult<()> {
    Ok(crate::threads::set_thread_count(count)?)
}

#[pyfunction]
fn thread_count() -> PyResult<usize> {
    Ok(crate::threads::thread_count()?)
}
