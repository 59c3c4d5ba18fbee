//! Filing points under cells.

mod candidates;
mod center;
mod grid;
mod kd_tree;
mod members;
mod nearest_center;
mod nearest_points;
mod radius;

pub(crate) use center::Center;
pub(crate) use kd_tree::{Bounds, Found, Outwards};
pub use members::Members;
pub(crate) use nearest_center::{Search, check_centers};
pub use nearest_center::{assign_nearest, assign_nearest_as};
pub use nearest_points::{MemberCount, nearest_in_time, nearest_points};
pub use radius::within_radius;
