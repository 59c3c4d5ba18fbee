//! Localizations grouped in tracks: reading them from text, putting them in order, and cutting out
//! the translocations of a region.

mod alike;
mod ascii;
mod chunks;
mod crop;
mod delimited;
mod digest;
mod fields;
mod first_line;
mod grid;
mod lanes;
mod marks;
mod quoted_fields;
mod reading;
mod region;
mod regular_file;
mod rows;
mod shown;
mod steps;
mod succession;
mod tracks;
mod values;

#[cfg(feature = "python")]
pub(crate) use ascii::TableReading;
pub use ascii::{Column, Table, TablePieces, parse_table, read_table};
pub use crop::{Columns, Croppable, Cropped, crop};
#[cfg(feature = "python")]
pub(crate) use delimited::DelimitedReading;
pub use delimited::{Delimited, DelimitedPieces, Wanted, parse_delimited, read_delimited};
#[cfg(feature = "python")]
pub(crate) use reading::{Reading, Source};
pub use region::Area;
pub use regular_file::check_regular_file;
pub use steps::steps;
pub use succession::Succession;
pub use tracks::{OrderedTracks, order_tracks};
pub use values::{Values, are_integers_within, are_within};
