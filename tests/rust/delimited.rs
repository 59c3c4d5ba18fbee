//! Columns of delimited text.

use proptest::prelude::*;
use tramway::trajectories::{Delimited, DelimitedPieces, Values, Wanted, parse_delimited};
use tramway::{Error, Result};

/// A table of three columns separated by commas, below one line of names.
fn three() -> Delimited {
    Delimited {
        delimiter: b',',
        decimal: b'.',
        line_end: b'\n',
        lines_before: 1,
        width: 3,
        length: u64::MAX,
        columns: vec![wanted(0, "x"), wanted(2, "frame")],
    }
}

fn wanted(rank: usize, name: &str) -> Wanted {
    Wanted {
        rank,
        name: name.to_owned(),
        words: None,
    }
}

fn read(text: &str, table: &Delimited) -> Result<Vec<Values>> {
    parse_delimited(text.as_bytes(), "a.csv", table)
}

fn floats(values: &Values) -> Vec<f64> {
    match values {
        Values::Floats(values) => values.clone(),
        Values::Integers(values) => values.iter().map(|&value| value as f64).collect(),
    }
}

#[track_caller]
fn assert_error(result: Result<Vec<Values>>, parts: &[&str]) {
    let message = result.unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }
}

#[test]
fn layout_of_the_text_does_not_matter() {
    let expected = vec![
        Values::Floats(vec![0.5, -1500.0]),
        Values::Integers(vec![3, 4]),
    ];
    for text in [
        "x,label,frame\n0.5,a,3\n-1500.0,b,4\n",
        "\u{feff}x,label,frame\r\n0.5,a,3\r\n-1.5e3,b,4",
        "x,label,frame\n\n0.5 , a ,3\n , ,\n-1500.0,\"b, and \"\"c\"\"\",4\n,,\n",
        "x,label,frame\n\"0.5\",\"a\",\"3\"\n\" -1500.0\",b,\"4\"\n",
        "x,label,frame,,\n0.5,a,3,,\n-1500.0,b,4,\n",
    ] {
        assert_eq!(read(text, &three()).unwrap(), expected, "{text:?}");
    }
}

#[test]
fn other_marks() {
    let mut table = three();
    (table.delimiter, table.decimal, table.line_end) = (b';', b',', b'\r');
    let values = read("x;l;f\r0,5;a;3\r-1,5e3;b;4\r", &table).unwrap();
    assert_eq!(floats(&values[0]), [0.5, -1500.0]);
    let mut table = three();
    (table.delimiter, table.lines_before) = (b' ', 0);
    let values = read("# a comment\n  0.5\ta  3\n\n.5 b 4 # it\n", &table).unwrap();
    assert_eq!(floats(&values[0]), [0.5, 0.5]);
    assert_eq!(values[1], Values::Integers(vec![3, 4]));
}

#[test]
fn no_number_is_nan() {
    let missing = [
        "",
        " ",
        "NaN",
        "nan",
        "None",
        "null",
        "NA",
        "-",
        "\"\"",
        "-nan(ind)",
        "ø",
    ];
    for word in missing {
        let values = read(&format!("x,l,f\n1,a,3\n{word},b,4\n"), &three()).unwrap();
        let x = floats(&values[0]);
        assert!(x[0] == 1.0 && x[1].is_nan(), "{word:?}: {x:?}");
    }
    let latin = &b"x,l,f\n1,a,3\n\xf8,b,4\n"[..];
    let latin = parse_delimited(latin, "a.csv", &three()).unwrap();
    assert!(floats(&latin[0])[1].is_nan());
    let values = read("x,l,f\n-∞,b,4\nInfinity,b,5\n", &three()).unwrap();
    assert_eq!(floats(&values[0]), [f64::NEG_INFINITY, f64::INFINITY]);
}

#[test]
fn words_are_looked_for() {
    let mut table = three();
    table.columns[0] = Wanted {
        rank: 1,
        name: "motion".to_owned(),
        words: Some(vec!["immobile".to_owned(), "1".to_owned()]),
    };
    let values = read(
        "x,l,f\n0,Immobile,3\n0,\"immobile\",4\n0,,5\n0,1,6\n0,2,7\n",
        &table,
    );
    assert_eq!(values.unwrap()[0], Values::Integers(vec![1, 1, 0, 1, 0]));
}

#[test]
fn part_of_a_file_is_the_table() {
    let mut table = three();
    table.length = "x,l,f\n1,a,3\n".len() as u64;
    let values = read("x,l,f\n1,a,3\nVoxelSizeX : 0.1\n", &table).unwrap();
    assert_eq!(values[1], Values::Integers(vec![3]));
}

#[test]
fn errors_name_the_line() {
    let table = three();
    assert_error(
        read("x,l,f\n1,a,3\n1,b\n", &table),
        &["a.csv, line 3: 2 fields", "3 as in"],
    );
    assert_error(
        read("x,l,f\n1,a,3\n\n1,b,4,5\n", &table),
        &["line 4: 4 fields"],
    );
    assert_error(
        read("x,l,f\n1,a,3\nl,b,4\n", &table),
        &["line 3: x is `l`; expected a number"],
    );
    assert_error(
        read("x,l,f\n1,a,\"1,000.5\"\n", &table),
        &["line 2: frame is `1,000.5`"],
    );
    assert_error(
        read("x,l,f\n1,a\0,3\n", &table),
        &["line 2: a byte of zero"],
    );
    assert_error(read("x,l,f\n", &table), &["line 1: no row below it"]);
    assert_error(read("", &table), &["line 1: no row"]);
    let long = format!("x,l,f\n1,a,3\n1,{},3\n", "a".repeat(1 << 21));
    assert_error(
        read(&long, &table),
        &["line 3: a line of more than 1048576 bytes"],
    );
    let many = "1,a,3\n".repeat(300_000);
    let message = read(&format!("x,l,f\n{many}1,a\n"), &table).unwrap_err();
    assert!(
        matches!(message, Error::Format { line: 300_002, .. }),
        "{message}"
    );
}

proptest! {
    #[test]
    fn numbers_are_the_nearest(values in prop::collection::vec(
        prop_oneof![any::<f64>(), -1e3..1e3_f64, Just(0.1 + 0.2)], 1..50,
    )) {
        let finite: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        prop_assume!(!finite.is_empty());
        // Rust prints as many digits as it takes to read the same number again.
        let rows: Vec<String> = finite.iter().map(|value| format!("{value:?},a,0\n")).collect();
        let rows = rows.concat();
        let read = read(&format!("x,l,f\n{rows}"), &three()).unwrap();
        prop_assert_eq!(floats(&read[0]), finite);
    }

    #[test]
    fn anything_is_a_table_or_an_error(
        text in prop::collection::vec(any::<u8>(), 0..400), delimiter in prop::sample::select(b",; \t".to_vec()),
    ) {
        let mut table = three();
        table.delimiter = delimiter;
        if let Ok(values) = parse_delimited(text.as_slice(), "a.csv", &table) {
            prop_assert_eq!(values[0].len(), values[1].len());
        }
    }
}

#[test]
fn pieces_of_a_file_are_the_whole() {
    let path = std::env::temp_dir().join(format!("tramway-pieces-{}.csv", std::process::id()));
    let text: String = (0..400_000_u32)
        .map(|row| match row {
            0..300_000 => format!("1,label,{row}\n"),
            _ => format!("1.5,label,{row}\n"),
        })
        .collect();
    std::fs::write(&path, format!("x,label,frame\n{text}")).unwrap();
    let whole = read(&std::fs::read_to_string(&path).unwrap(), &three()).unwrap();
    let pieces: Vec<Vec<Values>> = DelimitedPieces::open(&path, three())
        .unwrap()
        .collect::<Result<_>>()
        .unwrap();
    assert!(pieces.len() > 1);
    assert!(matches!(pieces[0][0], Values::Integers(_)));
    for column in 0..2 {
        let joined: Vec<f64> = pieces.iter().flat_map(|p| floats(&p[column])).collect();
        assert_eq!(joined, floats(&whole[column]));
    }
    std::fs::write(&path, format!("x,label,frame\n{text}1,2\n")).unwrap();
    let last = DelimitedPieces::open(&path, three())
        .unwrap()
        .last()
        .unwrap();
    assert_error(last, &["line 400002: 2 fields"]);
    std::fs::write(&path, "x,label,frame\n").unwrap();
    let mut pieces = DelimitedPieces::open(&path, three()).unwrap();
    assert_error(pieces.next().unwrap(), &["no row"]);
    assert!(pieces.next().is_none());
    std::fs::remove_file(&path).unwrap();
}
