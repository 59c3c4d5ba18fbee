//! Filing points under cells.

mod kd_tree;
mod nearest_center;

pub use nearest_center::assign_nearest;
