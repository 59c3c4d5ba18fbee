//! Localizations grouped in tracks: reading them from text, putting them in order, and cutting out
//! the translocations of a region.

mod ascii;
mod chunks;
mod crop;
mod fields;
mod rows;
mod tracks;

pub use ascii::{Column, Table, Values, parse_table, read_table};
pub use crop::{Cropped, crop};
pub use tracks::{OrderedTracks, order_tracks};
