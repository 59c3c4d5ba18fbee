//! Reading text, putting tracks in order, cutting out regions.

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tramway::trajectories::{
    Area, Columns, Croppable, Cropped, Table, TablePieces, Values, are_integers_within, are_within,
    crop, order_tracks, parse_table, read_table, steps,
};
use tramway::{Error, Result};

fn parse(text: &str) -> Result<Table> {
    parse_table(text.as_bytes(), "tracks.txt", None)
}

fn parse_named(text: &str, names: &[&str]) -> Result<Table> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    parse_table(text.as_bytes(), "tracks.txt", Some(&names))
}

fn names(table: &Table) -> Vec<&str> {
    table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect()
}

fn floats(table: &Table, column: usize) -> Vec<f64> {
    match &table.columns[column].values {
        Values::Floats(values) => values.clone(),
        Values::Integers(values) => values.iter().map(|&value| value as f64).collect(),
    }
}

#[track_caller]
fn assert_error(result: Result<Table>, parts: &[&str]) {
    let message = result.unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }
}

#[test]
fn four_columns_without_header_are_tracks() {
    let table = parse("1 0.5 -0.25 0\n2\t1e1\t.5 +0.05\n").unwrap();
    assert_eq!(names(&table), ["n", "x", "y", "t"]);
    assert_eq!(table.columns[0].values, Values::Integers(vec![1, 2]));
    assert_eq!(table.columns[1].values, Values::Floats(vec![0.5, 10.0]));
    assert_eq!(table.columns[2].values, Values::Floats(vec![-0.25, 0.5]));
    assert_eq!(table.columns[3].values, Values::Floats(vec![0.0, 0.05]));
}

#[test]
fn layout_of_the_text_does_not_matter() {
    let expected = parse("1 0.5 0.25 0\n1 0.5 0.75 0.05\n").unwrap();
    for text in [
        "1 0.5 0.25 0\r\n1 0.5 0.75 0.05\r\n",
        "\u{feff}1 0.5 0.25 0\n1 0.5 0.75 0.05",
        "# a comment\n\n  1\t0.5  0.25 0 # another\n   \n1 0.5 0.75 0.05\n\n",
        "1.0 5e-1 0.25 0.000\n1e0 0.5 0.75 5.0e-2\n",
        "n x y t\n1 0.5 0.25 0\n1 0.5 0.75 0.05\n",
        "\"n\" \"x\"\t'y' \"t\"\n1 0.5 0.25 0\n1 0.5 0.75 0.05\n",
    ] {
        assert_eq!(parse(text).unwrap(), expected, "{text:?}");
    }
}

#[test]
fn a_header_may_name_more_columns() {
    let table = parse("t n \"photon count\" x y\n0 7 nan 0.5 0.25\n").unwrap();
    assert_eq!(names(&table), ["t", "n", "photon count", "x", "y"]);
    assert!(floats(&table, 2)[0].is_nan());
}

#[test]
fn given_names_replace_a_header() {
    for text in ["0 7 0.5 0.25\n", "frame id posx posy\n0 7 0.5 0.25\n"] {
        let table = parse_named(text, &["t", "n", "x", "y"]).unwrap();
        assert_eq!(names(&table), ["t", "n", "x", "y"]);
        assert_eq!(table.columns[1].values, Values::Integers(vec![7]));
    }
    // Three columns are tracks of nobody, unless their names say so.
    assert_eq!(
        parse_named("1 2 3\n", &["x", "y", "t"])
            .unwrap()
            .columns
            .len(),
        3
    );
}

#[test]
fn errors_name_the_line_and_what_was_expected() {
    assert_error(parse(""), &["tracks.txt, line 1: no data"]);
    assert_error(parse("# only a comment\n"), &["no data"]);
    assert_error(parse("n x y t\n"), &["line 1: no data below the header"]);
    assert_error(parse("1 2 3\n"), &["3 fields", "not tracked", "`columns`"]);
    assert_error(
        parse("1 2 3 4 5\n"),
        &["5 fields and no header", "header line", "`columns`"],
    );
    assert_error(
        parse("1 2 3 4\n\n1 2 3\n"),
        &["line 3: 3 fields; expected 4 (n x y t), as in line 1"],
    );
    assert_error(
        parse("1 2 3 4\n1 2 3 4 5\n"),
        &["line 2: 5 fields; expected 4"],
    );
    assert_error(
        parse("1 2 3 4\n1 1,5 2 3\n"),
        &[
            "line 2: `1,5` is not a number",
            "column x: a decimal point, not a comma",
        ],
    );
    assert_error(
        parse("1 2 abc 4\n"),
        &["line 1: `abc` is not a number", "header with names"],
    );
    assert_error(
        parse("n,x,y,t\n1,2,3,4\n"),
        &["line 1", "blanks or tabs", "from_files"],
    );
    assert_error(parse("n x x t\n1 2 3 4\n"), &["two columns x", "`columns`"]);
    assert_error(
        parse("1 2 3 4\n1 NaN 3 4\n"),
        &["line 2: x is NaN", "finite"],
    );
    assert_error(
        parse("1 2 3 4\n1 2 3 1e999\n"),
        &["line 2: t is inf", "finite"],
    );
    assert_error(
        parse("1.5 2 3 4\n"),
        &["line 1: track number n is `1.5`", "integer"],
    );
    // 2⁵³ is the last integer that a 64-bit float tells from its neighbours.
    assert!(parse("9007199254740992 2 3 4\n-9007199254740992 2 3 4\n").is_ok());
    for number in [
        "9007199254740993",
        "-9007199254740993",
        "9007199254740994.0",
    ] {
        assert_error(
            parse(&format!("1 2 3 4\n{number} 2 3 4\n")),
            &[
                "line 2: track number n is `",
                number,
                "and 9007199254740992",
            ],
        );
    }
    assert_error(
        parse_named("1 2 3 4\n", &["n", "x", "t"]),
        &["line 1: 4 fields; expected 3 (n x t), as named by `columns`"],
    );
    assert_error(
        parse_named("1 2 3\n", &["x", "x", "t"]),
        &["`columns`", "x twice"],
    );
    assert_error(
        parse_table(&b"\x1f\x8b\x08\x00\xff\xfe"[..], "tracks.gz", None),
        &["tracks.gz, line 1", "UTF-8"],
    );
}

/// Larger than what is read, or parsed, at a time.
#[test]
fn large_files_are_read_in_pieces() {
    let row = |i: i32| {
        format!(
            "{} 1.5 {} 0\n",
            i / 10,
            if i < 300_000 { "7" } else { "7.5" }
        )
    };
    let text: String = (0..600_000).map(row).collect();
    let with_header = format!("# long\n\n{}n x y t\n{text}", "#\n".repeat(3_000_000));
    let table = parse(&with_header).unwrap();
    assert_eq!(
        table.columns[0].values,
        Values::Integers((0..600_000).map(|i| i / 10).collect())
    );
    let y: Vec<f64> = (0..600_000)
        .map(|i| if i < 300_000 { 7.0 } else { 7.5 })
        .collect();
    assert_eq!(table.columns[2].values, Values::Floats(y));
    // Two mistakes, in different pieces: the first one is reported.
    let mistaken = format!("{with_header}\n1 2 x 4\n{text}1 2\n");
    assert_error(parse(&mistaken), &["line 3600005: `x` is not a number"]);
    let mistaken = format!("{with_header}{text}1 2");
    assert_error(
        parse(&mistaken),
        &["line 4200004: 2 fields", "as in line 3000003"],
    );
}

/// The limit of a line's length, and the bytes read at a time, as the reader's documentation says.
const MIB: usize = 1 << 20;

/// Gives bytes without end, and counts them.
struct Endless {
    byte: u8,
    given: usize,
}

impl std::io::Read for &mut Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        buffer.fill(self.byte);
        self.given += buffer.len();
        Ok(buffer.len())
    }
}

#[test]
fn a_line_without_end_is_refused_before_it_fills_the_memory() {
    for byte in [b'1', b'a', b' ', b'\0', b'#'] {
        let mut endless = Endless { byte, given: 0 };
        assert_error(
            parse_table(&mut endless, "endless", None),
            &["endless, line 1: a line of more than 1048576 bytes", "rows"],
        );
        assert!(
            endless.given <= 5 * MIB,
            "{} bytes were read",
            endless.given
        );
    }
}

#[test]
fn a_long_line_is_named_by_its_number() {
    let long = "7".repeat(MIB + 1);
    for (before, line) in [
        ("n x y t\n".to_owned(), 2),
        ("#\n\n1 2 3 4\n1 2 3 4\n".to_owned(), 5),
        // Further than one piece: comments that are skipped, a header, rows.
        ("#\n".repeat(5 * MIB), 5 * MIB + 1),
        (format!("n x y t\n{}", "1 2 3 4\n".repeat(MIB)), MIB + 2),
    ] {
        assert_error(
            parse(&format!("{before}{long}\n")),
            &[&format!("line {line}: a line of more than")],
        );
    }
}

#[test]
fn a_line_of_the_greatest_length_is_read() {
    let padding = " ".repeat(MIB - 7);
    let text = format!("{padding}1 2 3 4\n").repeat(9);
    assert_eq!(parse(&text).unwrap().columns[0].values.len(), 9);
    assert_eq!(parse(text.trim_end()).unwrap().columns[0].values.len(), 9);
    assert_error(parse(&text.replace("4\n", "4 \n")), &["line 1: a line of"]);
}

#[test]
fn messages_are_short_whatever_is_in_the_file() {
    let names: Vec<String> = (0..100_000).map(|i| format!("c{i}")).collect();
    let header = names.join(" ");
    for text in [
        format!("{header}\n1 2 3\n"),
        format!("{header} c0\n1\n"),
        format!("{}\n1\n", "c ".repeat(MIB / 2)),
        format!("{0} {0}\n1\n", "c".repeat(MIB / 3)),
        format!("{0}\nno\n", "c".repeat(MIB / 2)),
        format!("1 {} 2 3\n", "c,".repeat(MIB / 3)),
    ] {
        let message = parse(&text).unwrap_err().to_string();
        assert!(message.chars().count() < 900, "{message}");
    }
}

#[test]
fn what_is_no_regular_file_is_refused() {
    for (path, seen) in [("/", "a folder"), ("/dev/zero", "a device")] {
        let error = read_table(std::path::Path::new(path), None).unwrap_err();
        assert!(matches!(error, Error::File { .. }), "{error:?}");
        let message = error.to_string();
        assert!(
            message.starts_with(path) && message.contains(seen),
            "{message}"
        );
    }
}

#[test]
fn a_missing_file_is_a_read_error() {
    let error = read_table(std::path::Path::new("/no/such/file"), None).unwrap_err();
    let Error::Read { kind, path, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(
        (kind, path.as_str()),
        (std::io::ErrorKind::NotFound, "/no/such/file")
    );
}

#[test]
fn integers_beyond_64_bits_become_floats() {
    let table = parse_named(
        "9223372036854775807 1\n9223372036854775808 2\n",
        &["a", "b"],
    )
    .unwrap();
    assert_eq!(
        floats(&table, 0),
        [9_223_372_036_854_775_807.0, 9_223_372_036_854_775_808.0]
    );
    assert_eq!(table.columns[1].values, Values::Integers(vec![1, 2]));
}

proptest! {
    /// Against the standard library, whose parser rounds correctly.
    #[test]
    fn decimals_are_read_exactly(text in "[-+]?[0-9]{1,17}(\\.[0-9]{0,17})?(e[-+]?[0-9]{1,2})?") {
        let table = parse_named(&format!("{text}\n0.5\n"), &["value"]).unwrap();
        let expected: f64 = text.parse().unwrap();
        prop_assert_eq!(floats(&table, 0)[0], expected);
    }

    #[test]
    fn printed_numbers_come_back(values in prop::collection::vec(prop::num::f64::NORMAL, 1..20)) {
        let lines: Vec<String> = values.iter().map(|value| format!("{value:e}")).collect();
        let text = lines.join("\n");
        let table = parse_named(&text, &["value"]).unwrap();
        prop_assert_eq!(floats(&table, 0), values);
    }

    /// Whatever is in a file, there is a table or an error, and no panic.
    #[test]
    fn any_bytes_are_handled(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_table(bytes.as_slice(), "bytes", None);
    }

    /// Sorting by hand, with the library's sort of pairs.
    #[test]
    fn tracks_are_sorted_stably(track in prop::collection::vec(0_i64..5, 0..50)) {
        // Times that fall in some tracks, without ties.
        let time: Vec<f64> = (0..track.len()).map(|i| ((i * 37) % 101) as f64).collect();
        let ordered = order_tracks(&track, &time).unwrap();
        let mut expected: Vec<usize> = (0..track.len()).collect();
        expected.sort_by(|&a, &b| (track[a], time[a]).partial_cmp(&(track[b], time[b])).unwrap());
        let in_order: Vec<usize> = (0..track.len()).collect();
        prop_assert_eq!(ordered.rows.is_none(), expected == in_order);
        prop_assert_eq!(ordered.rows.unwrap_or(in_order), expected);
        let disordered = (0..5)
            .filter(|&n| {
                let of_track = |&i: &usize| track[i] == n;
                let times: Vec<f64> = (0..track.len()).filter(of_track).map(|i| time[i]).collect();
                !times.is_sorted()
            })
            .count();
        prop_assert_eq!(ordered.disordered, disordered);
    }

    /// The rule of the original, word by word, over the whole table.
    #[test]
    fn regions_are_cut_out_by_the_rule(
        steps in prop::collection::vec((0_i64..3, 0_u8..9, 0_u8..9), 1..120),
        low in prop::array::uniform3(0_u8..9),
        size in prop::array::uniform3(0_u8..9),
        is_bounded_in_time in any::<bool>(),
    ) {
        let mut number = 4;
        let track: Vec<i64> = steps
            .iter()
            .map(|step| { number += i64::from(step.0 == 0); number })
            .collect();
        let places: Vec<[f64; 2]> =
            steps.iter().map(|step| [f64::from(step.1), f64::from(step.2)]).collect();
        let time: Vec<f64> = (0..steps.len()).map(|row| row as f64 / 8.0).collect();
        let bounds = if is_bounded_in_time { 3 } else { 2 };
        let lower: Vec<f64> = low[..bounds].iter().map(|&low| f64::from(low)).collect();
        let upper: Vec<f64> =
            lower.iter().zip(&size).map(|(low, &size)| low + f64::from(size)).collect();
        let expected = crop_by_the_rule(&track, &places, &time, &lower, &upper);
        prop_assert_eq!(&crop(&track, &places, &time, &lower, &upper).unwrap(), &expected);
        let columns = Columns { track: &track, coordinates: &places, time: &time };
        let table = Croppable::new(columns).unwrap();
        let area = Area::Box(lower.clone(), upper.clone());
        prop_assert_eq!(&table.crop(columns, std::slice::from_ref(&area)).unwrap(), &expected);
        prop_assert_eq!(&table.crop(columns, &[area.clone(), area]).unwrap(), &expected);
        // All at once, with boxes beside it that begin with the same, and one without end.
        let boxes: Vec<_> = (0..size[2])
            .map(|more| (lower.clone(), upper.iter().map(|bound| bound + f64::from(more)).collect()))
            .chain([(vec![f64::NEG_INFINITY; 2], vec![f64::INFINITY; 2])])
            .collect();
        let regions: Vec<_> = boxes
            .iter()
            .map(|(lower, upper)| vec![Area::Box(lower.clone(), upper.clone())])
            .collect();
        let digests = table.digests(columns, &regions, &[], 7).unwrap();
        prop_assert_eq!(digests.len(), boxes.len());
        for ((lower, upper), digest) in boxes.iter().zip(digests) {
            let found = crop(&track, &places, &time, lower, upper).unwrap();
            prop_assert_eq!(digest, (found.rows.len(), columns.digest(&found, &[], 7).unwrap()));
        }
    }

    /// With no bounds, every row but the last of its track begins a translocation, and tracks of
    /// more than one row keep their identity.
    #[test]
    fn without_bounds_everything_is_kept(lengths in prop::collection::vec(1_usize..5, 1..10)) {
        let track: Vec<i64> =
            (10..).zip(&lengths).flat_map(|(n, &length)| vec![n; length]).collect();
        let time: Vec<f64> = (0..track.len()).map(|i| i as f64).collect();
        let coordinates = vec![[0.0, 0.0]; track.len()];
        let bounds = ([f64::NEG_INFINITY; 2], [f64::INFINITY; 2]);
        let cropped = crop(&track, &coordinates, &time, &bounds.0, &bounds.1).unwrap();
        let expected: Vec<usize> =
            (1..track.len()).filter(|&i| track[i - 1] == track[i]).map(|i| i - 1).collect();
        prop_assert_eq!(&cropped.rows, &expected);
        prop_assert_eq!(cropped.tracks.len(), expected.len());
        for (i, pair) in cropped.tracks.windows(2).enumerate() {
            let same = track[expected[i]] == track[expected[i + 1]];
            prop_assert_eq!(pair[1] == pair[0], same);
        }
    }
}

/// How a column is written: with a sign, digits before the point and behind it, or in another way.
#[derive(Clone, Copy)]
struct Written {
    has_signs: bool,
    whole: usize,
    decimals: usize,
}

impl Written {
    fn any(random: &mut ChaCha8Rng) -> Self {
        Self {
            has_signs: random.random(),
            whole: random.random_range(1..=9),
            decimals: random.random_range(0..=10),
        }
    }

    /// A field that is written so.
    fn field(self, random: &mut ChaCha8Rng) -> String {
        let mut text = String::new();
        if self.has_signs && random.random() {
            text.push('-');
        }
        let mut digits = |most: usize| {
            let count = random.random_range(most.div_ceil(2)..=most);
            (0..count)
                .map(|_| char::from(random.random_range(b'0'..=b'9')))
                .collect::<String>()
        };
        text.push_str(&digits(self.whole));
        if self.decimals > 0 {
            text.push('.');
            let all = digits(2 * self.decimals);
            text.push_str(&format!("{all:0<width$}", width = self.decimals)[..self.decimals]);
        }
        text
    }
}

/// A number that is written as none of a column's others, if it is one.
fn odd_field(random: &mut ChaCha8Rng) -> String {
    let value = f64::from_bits(random.random());
    match random.random_range(0..9) {
        0 => format!("{value:e}"),
        1 => format!("{value}"),
        2 => format!("{:e}", f64::from_bits(random.random_range(0..1 << 52))),
        3 => "nan".to_owned(),
        4 => "-inf".to_owned(),
        5 => format!("+{}.5", random.random_range(0..99)),
        6 => format!("-.{}", random.random_range(0..99)),
        7 => format!("{}.", random.random_range(-9..9)),
        _ => format!("{}", random.random::<i64>()),
    }
}

/// The columns of a text, by the standard library.
fn by_the_standard_library(text: &str, width: usize) -> Vec<Values> {
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| {
            line.split('#')
                .next()
                .unwrap()
                .split_ascii_whitespace()
                .collect()
        })
        .filter(|row: &Vec<&str>| !row.is_empty())
        .collect();
    let column = |rank: usize| {
        let integers: std::result::Result<Vec<i64>, _> =
            rows.iter().map(|row| row[rank].parse::<i64>()).collect();
        let floats = || {
            rows.iter().map(|row| match row[rank].parse::<i64>() {
                Ok(integer) => integer as f64,
                Err(_) => row[rank].parse().unwrap(),
            })
        };
        integers.map_or_else(|_| Values::Floats(floats().collect()), Values::Integers)
    };
    (0..width).map(column).collect()
}

/// The same values, to the bit; any NaN is one.
fn assert_same(found: &Values, expected: &Values, text: &str) {
    match (found, expected) {
        (Values::Floats(found), Values::Floats(expected)) => {
            assert_eq!(found.len(), expected.len());
            for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
                let is_same = found.to_bits() == expected.to_bits();
                let are_nan = found.is_nan() && expected.is_nan();
                assert!(
                    is_same || are_nan,
                    "row {row}: {found}, {expected}, of\n{text}"
                );
            }
        }
        _ => assert_eq!(found, expected),
    }
}

/// More than a million fields: most rows are written like the ones above, and some are not.
#[test]
fn every_number_is_that_of_the_standard_library() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for table in 0..300 {
        let width = random.random_range(1..=5);
        let separator = if random.random() { " " } else { "\t" };
        let line_end = if random.random() { "\n" } else { "\r\n" };
        let odd = [0.0, 0.001, 0.02, 0.5][table % 4];
        let mut columns: Vec<Written> = (0..width).map(|_| Written::any(&mut random)).collect();
        let mut text = String::new();
        for row in 0..1600 {
            if row % 400 == 399 {
                columns = (0..width).map(|_| Written::any(&mut random)).collect();
            }
            if random.random_bool(odd) {
                let lines = ["", "# 1.5 2.5", "  ", "#", "\x0c"];
                text.push_str(lines[random.random_range(0..lines.len())]);
                text.push_str(line_end);
            }
            for (rank, column) in columns.iter().enumerate() {
                let is_odd = random.random_bool(odd / 4.0);
                if rank > 0 {
                    text.push_str(if is_odd { "\t  " } else { separator });
                }
                let field = if is_odd {
                    odd_field(&mut random)
                } else {
                    column.field(&mut random)
                };
                text.push_str(&field);
            }
            if random.random_bool(odd / 4.0) {
                text.push_str(" # 7.5");
            }
            text.push_str(line_end);
        }
        if random.random() {
            text.truncate(text.trim_end().len());
        }
        let names = &["a", "b", "c", "d", "e"][..width];
        let found = parse_named(&text, names).unwrap();
        let expected = by_the_standard_library(&text, width);
        for (found, expected) in found.columns.iter().zip(&expected) {
            assert_same(&found.values, expected, &text);
        }
    }
}

/// In every place of the first rows, and of later ones that are parsed many at once.
#[test]
fn a_mistake_among_rows_that_are_alike_has_its_line() {
    let row = "17\t-12.250000\t3.500000\t0.025000\n";
    for line in (0..200).step_by(7) {
        for (bad, seen) in [
            ("17\t12.250000\t3.500000\n", "3 fields"),
            ("17\t12.250000\t3.500000\t0.025000\t\t1\n", "5 fields"),
            (
                "17\t12.250000\t3.5000x0\t0.025000\n",
                "`3.5000x0` is not a number",
            ),
            (
                "17\t12.250000\t3,500000\t0.025000\n",
                "`3,500000` is not a number",
            ),
            (
                "17\t--2.250000\t3.500000\t0.025000\n",
                "`--2.250000` is not a number",
            ),
            (
                "17\tx2.250000\t3.500000\t0.025000\n",
                "`x2.250000` is not a number",
            ),
            (
                "1.5\t12.250000\t3.500000\t0.025000\n",
                "track number n is `1.5`",
            ),
        ] {
            let text = format!("{}{bad}{}", row.repeat(line + 1), row.repeat(300));
            assert_error(parse(&text), &[&format!("line {}: {seen}", line + 2)]);
        }
    }
    // An integer that has decimals, in every row.
    let table = parse(&"17.000\t1.5\t2.5\t0.5\n".repeat(500)).unwrap();
    assert_eq!(table.columns[0].values, Values::Integers(vec![17; 500]));
}

/// Few rows of many, far apart, and many side by side: both are put in order, each in its way.
#[test]
fn rows_of_a_region_are_in_order() {
    let rows = 20_000_i64;
    let track: Vec<i64> = (0..rows).map(|row| row / 4).collect();
    let time: Vec<f64> = (0..rows).map(|row| row as f64).collect();
    let places: Vec<[f64; 2]> = (0..rows)
        .map(|row| [(row / 2 * 7919 % rows) as f64, (row % 2) as f64])
        .collect();
    let columns = Columns {
        track: &track,
        coordinates: &places,
        time: &time,
    };
    let table = Croppable::new(columns).unwrap();
    for (lower, upper) in [([100.0, 0.0], [140.0, 1.0]), ([0.0, 0.0], [15_000.0, 0.0])] {
        let expected = crop(&track, &places, &time, &lower, &upper).unwrap();
        assert!(expected.rows.len() > 10);
        let areas = [Area::Box(lower.to_vec(), upper.to_vec())];
        assert_eq!(table.crop(columns, &areas).unwrap(), expected);
    }
}

/// Threads take parts of a large region, which begin within visits.
#[test]
fn many_rows_are_one_region() {
    let rows = 200_000_i64;
    let track: Vec<i64> = (0..rows).map(|row| row / 7).collect();
    let time: Vec<f64> = (0..rows).map(|row| row as f64).collect();
    let places: Vec<[f64; 2]> = (0..rows)
        .map(|row| [(row * 7919 % 1000) as f64, 0.0])
        .collect();
    let (lower, upper) = ([0.0; 2], [900.0, 0.0]);
    let expected = crop_by_the_rule(&track, &places, &time, &lower, &upper);
    assert!(expected.rows.len() > 140_000);
    assert_eq!(
        crop(&track, &places, &time, &lower, &upper).unwrap(),
        expected
    );
}

/// XXH3 with 128 bits as its authors have it: what the package `xxhash` of Python says of the same bytes, put together by `struct`.
#[test]
fn a_digest_is_that_of_the_bytes_in_order() {
    let rows = 0..60_u32;
    let track: Vec<i64> = rows.clone().map(|row| i64::from(row / 40)).collect();
    let places: Vec<[f64; 2]> = rows
        .clone()
        .map(|row| [f64::from(row) / 4.0, f64::from(row % 7)])
        .collect();
    let time: Vec<f64> = rows.clone().map(|row| f64::from(row % 40) / 8.0).collect();
    let columns = Columns {
        track: &track,
        coordinates: &places,
        time: &time,
    };
    let found = Cropped {
        rows: (0..39).chain(45..50).collect(),
        tracks: (0..44).map(|step| 3 + i64::from(step >= 39)).collect(),
    };
    let others: Vec<u64> = rows.map(u64::from).collect();
    assert_eq!(
        format!("{:032x}", columns.digest(&found, &others, 0).unwrap()),
        "8e4a10afefab7a4680c4ec2764a1cdcb"
    );
}

#[test]
fn rows_that_are_in_no_table_have_no_digest() {
    let columns = Columns {
        track: &[1, 1],
        coordinates: &[[0.0, 1.0], [0.5, 1.5]],
        time: &[0.0, 0.1],
    };
    let found = |row| Cropped {
        rows: vec![row],
        tracks: vec![1],
    };
    assert!(columns.digest(&found(0), &[], 0).is_ok());
    let error = columns.digest(&found(1), &[], 0).unwrap_err().to_string();
    assert!(error.contains("not the last"), "{error}");
    let error = columns.digest(&found(0), &[1], 0).unwrap_err().to_string();
    assert!(error.contains("others"), "{error}");
}

#[test]
fn interleaved_tracks_are_in_order() {
    let ordered = order_tracks(&[2, 1, 2, 1], &[0.0, 0.0, 0.1, 0.1]).unwrap();
    assert_eq!(
        (ordered.rows, ordered.disordered),
        (Some(vec![1, 3, 0, 2]), 0)
    );
}

/// Numbers are looked at some at a time, and by several threads.
#[test]
fn a_number_out_of_bounds_is_found_wherever_it_is() {
    let track: Vec<i64> = (0..200_001).collect();
    for index in [0, 255, 256, 65_535, 65_536, 200_000] {
        let mut values = vec![1.0; track.len()];
        assert!(are_within(&values, 1.0).unwrap());
        values[index] = -2.0;
        assert!(!are_within(&values, 1.0).unwrap());
        for value in [f64::NAN, f64::INFINITY] {
            values[index] = value;
            let error = order_tracks(&track, &values).unwrap_err().to_string();
            assert!(error.contains(&format!("[{index}]")), "{error}");
        }
        values[index] = f64::NAN;
        assert!(!are_within(&values, f64::INFINITY).unwrap());
        let mut integers = track.clone();
        assert!(are_integers_within(&integers, 200_000).unwrap());
        for value in [200_001, -200_001, i64::MIN] {
            integers[index] = value;
            assert!(!are_integers_within(&integers, 200_000).unwrap());
        }
    }
}

#[test]
fn a_track_is_at_one_place_at_a_time() {
    let error = order_tracks(&[1, 2, 1], &[0.5, 0.5, 0.5])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("row 0 already has a localization of track 1"),
        "{error}"
    );
    assert!(order_tracks(&[1], &[f64::NAN]).is_err());
    assert!(order_tracks(&[1], &[]).is_err());
}

/// Of more rows than one thread takes at a time, and of the first and the last that there can be.
#[test]
fn steps_go_to_the_row_below() {
    let values: Vec<f64> = (0..300_000_i64)
        .map(|row| (row * row % 1009) as f64)
        .collect();
    let rows: Vec<i64> = (0..299_999).filter(|row| row % 3 != 1).collect();
    for rows in [&rows[..], &rows[..10], &[]] {
        let (origins, differences) = steps(&values, rows).unwrap();
        let value = |row: &i64| values[usize::try_from(*row).unwrap()];
        let expected: Vec<f64> = rows.iter().map(value).collect();
        assert_eq!(origins, expected);
        let expected: Vec<f64> = rows
            .iter()
            .map(|row| value(&(row + 1)) - value(row))
            .collect();
        assert_eq!(differences, expected);
    }
    for row in [-1, 299_999] {
        let error = steps(&values, &[0, row]).unwrap_err().to_string();
        assert!(error.contains(&format!("`rows[1]` is {row}")), "{error}");
    }
}

/// The tracks of a region, by the rule that `crop` states.
fn crop_by_the_rule(
    track: &[i64],
    places: &[[f64; 2]],
    time: &[f64],
    lower: &[f64],
    upper: &[f64],
) -> Cropped {
    let is_in_time = |row: &usize| lower.len() == 2 || (lower[2]..=upper[2]).contains(&time[*row]);
    let is_in = |row: usize| (0..2).all(|d| (lower[d]..=upper[d]).contains(&places[row][d]));
    let in_time: Vec<usize> = (0..track.len()).filter(is_in_time).collect();
    // The track, and the number of rows passed outside, tell visits apart.
    let mut passed = 0;
    let mut visits = Vec::new();
    for &row in &in_time {
        passed += i64::from(!is_in(row));
        visits.push((track[row], passed));
    }
    let mut cropped = Cropped::default();
    let mut latest: Option<((i64, i64), i64)> = None;
    for (i, &row) in in_time.iter().enumerate() {
        let begins = i > 0 && visits[i] != visits[i - 1];
        let ends = i + 1 == visits.len() || visits[i + 1] != visits[i];
        if begins && ends {
            continue;
        }
        let number = match latest {
            None => visits[i].0 + visits[i].1,
            Some((previous, number)) => number + i64::from(previous != visits[i]),
        };
        latest = Some((visits[i], number));
        if i + 1 < in_time.len() && track[in_time[i + 1]] == track[row] && is_in(row) {
            cropped.rows.push(row);
            cropped.tracks.push(number);
        }
    }
    cropped
}

/// Tracks along x, at y = 0.5, in the box `low` to `high`: rows and track numbers.
fn crop_line(track: &[i64], x: &[f64], low: f64, high: f64) -> (Vec<usize>, Vec<i64>) {
    let coordinates: Vec<[f64; 2]> = x.iter().map(|&x| [x, 0.5]).collect();
    let time: Vec<f64> = (0..x.len()).map(|i| i as f64 * 0.1).collect();
    let cropped = crop(track, &coordinates, &time, &[low, 0.0], &[high, 1.0]).unwrap();
    (cropped.rows, cropped.tracks)
}

/// Expected values are what `tramway.core.xyt.crop` of the original, version 0.7, returned.
#[test]
fn crop_follows_the_original() {
    let crop = |track: &[i64], x: &[f64]| crop_line(track, x, 0.0, 1.0);
    // A track that leaves and returns; its last localization begins nothing.
    assert_eq!(
        crop(&[1; 7], &[0.0, 0.5, 0.9, 1.5, 0.9, 0.5, 0.2]),
        (vec![0, 1, 2, 4, 5], vec![1, 1, 1, 2, 2])
    );
    // A single localization in the box counts if it is the first row, or follows one outside.
    assert_eq!(crop(&[1; 3], &[0.9, 1.5, 1.6]), (vec![0], vec![1]));
    assert_eq!(
        crop(&[1; 5], &[1.9, 0.5, 1.6, 0.4, 0.3]),
        (vec![1, 3], vec![2, 3])
    );
    // Numbers are made dense, from the number of the first row on.
    assert_eq!(
        crop(&[3, 3, 7, 7, 7, 9, 9], &[0.9, 1.5, 0.3, 0.4, 1.4, 0.2, 0.1]),
        (vec![0, 2, 3, 5], vec![3, 4, 4, 5])
    );
    assert_eq!(
        crop(&[3, 3, 7, 7, 7, 9, 9], &[1.9, 1.5, 0.3, 0.4, 1.4, 0.2, 0.1]),
        (vec![2, 3, 5], vec![5, 5, 6])
    );
}

/// A consequence of the rule, by hand: row 2 is alone between track 3 and its own row outside.
#[test]
fn a_track_that_leaves_at_once_is_dropped() {
    assert_eq!(
        crop_line(&[3, 3, 7, 7], &[0.3, 0.4, 0.9, 1.5], 0.0, 1.0),
        (vec![0], vec![3])
    );
}

#[test]
fn bounds_belong_to_the_box_and_both_ends_must_be_in_time() {
    let coordinates = [
        [0.0, 0.0, 0.0],
        [1.0, 1.0, 1.0],
        [0.5, 0.5, 2.0],
        [0.5, 0.5, 0.5],
    ];
    let time = [0.0, 0.1, 0.2, 0.3];
    let crop = |lower: &[f64], upper: &[f64]| crop(&[1; 4], &coordinates, &time, lower, upper);
    assert_eq!(crop(&[0.0; 3], &[1.0; 3]).unwrap().rows, [0, 1]);
    // Row 1 is within the times, row 2, where it goes to, is not.
    assert_eq!(crop(&[0.0; 4], &[1.0, 1.0, 1.0, 0.1]).unwrap().rows, [0]);
    assert!(
        crop(&[0.0; 4], &[1.0, 1.0, 1.0, 0.0])
            .unwrap()
            .rows
            .is_empty()
    );
}

#[test]
fn crop_refuses_what_it_cannot_mean() {
    let crop = |track: &[i64], x: f64, lower: &[f64], upper: &[f64]| {
        crop(track, &[[0.0, 0.0], [x, 0.0]], &[0.0, 0.1], lower, upper)
            .unwrap_err()
            .to_string()
    };
    assert!(crop(&[1], 0.0, &[0.0; 2], &[1.0; 2]).contains("length 2, expected 1"));
    assert!(crop(&[2, 1], 0.0, &[0.0; 2], &[1.0; 2]).contains("sorted by track"));
    assert!(crop(&[1, 1], f64::NAN, &[0.0; 2], &[1.0; 2]).contains("finite"));
    assert!(crop(&[1, 1], 0.0, &[0.0; 2], &[1.0; 3]).contains("`upper` has length 3"));
    assert!(crop(&[1, 1], 0.0, &[0.0; 4], &[1.0; 4]).contains("one per space coordinate"));
    assert!(crop(&[1, 1], 0.0, &[0.0, 2.0], &[1.0; 2]).contains("`lower[1]` is 2"));
    assert!(crop(&[1, 1], 0.0, &[0.0, f64::NAN], &[1.0; 2]).contains("`lower[1]` is NaN"));
}

#[test]
fn pieces_of_a_file_are_the_whole() {
    let path = std::env::temp_dir().join(format!("tramway-pieces-{}.txt", std::process::id()));
    // Several chunks; integers at first, and floats later on.
    let text: String = (0..600_000_u32)
        .map(|row| match row {
            0..400_000 => format!("{row} 1 2 3\n"),
            _ => format!("{row} 1.5 2 3\n"),
        })
        .collect();
    std::fs::write(&path, format!("# header\nn x y t\n{text}")).unwrap();
    let whole = read_table(&path, None).unwrap();
    let pieces: Vec<Table> = TablePieces::open(&path, None)
        .unwrap()
        .collect::<Result<_>>()
        .unwrap();
    assert!(pieces.len() > 1);
    assert!(matches!(pieces[0].columns[1].values, Values::Integers(_)));
    for column in 0..4 {
        let joined: Vec<f64> = pieces.iter().flat_map(|p| floats(p, column)).collect();
        assert_eq!(joined, floats(&whole, column));
    }
    std::fs::write(&path, format!("{text}1 2 3\n")).unwrap();
    let last = TablePieces::open(&path, None).unwrap().last().unwrap();
    assert_error(last, &["line 600001: 3 fields"]);
    std::fs::write(&path, "# nothing\n").unwrap();
    let mut pieces = TablePieces::open(&path, None).unwrap();
    assert_error(pieces.next().unwrap(), &["no data"]);
    assert!(pieces.next().is_none());
    std::fs::remove_file(&path).unwrap();
}
