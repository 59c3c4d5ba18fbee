//! Filing points under cells.

mod kd_tree;
mod nearest_center;

pub(crate) use kd_tree::{Bounds, Outwards};
pub use nearest_center::assign_nearest;
