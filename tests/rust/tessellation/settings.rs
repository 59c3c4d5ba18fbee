//! Settings of what is called by name.

use tramway::Error;
use tramway::tessellation::place;
use tramway::tessellation::settings::{Settings, Value};

fn settings(values: &[(&str, Value)]) -> Settings {
    let values = values.iter().cloned();
    Settings(
        values
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

#[test]
fn values_are_of_the_kind_asked_for() {
    let flat = vec![0.0, 1.0, 2.0, 3.0];
    let given = settings(&[
        ("n", Value::Whole(3)),
        ("x", Value::Number(0.5)),
        ("p", Value::Points(flat)),
    ]);
    assert_eq!(given.whole("n"), Ok(3));
    assert_eq!(given.count("n"), Ok(3));
    assert_eq!(given.number("n"), Ok(3.0));
    assert_eq!(given.number("x"), Ok(0.5));
    assert_eq!(given.points::<2>("p"), Ok(&[[0.0, 1.0], [2.0, 3.0]][..]));
    for (wrong, message) in [
        (
            given.whole("x").map(|_| ()),
            "`x` is 0.5, expected a whole number",
        ),
        (
            given.whole("m").map(|_| ()),
            "`m` is not set, expected a whole number",
        ),
        (
            given.number("p").map(|_| ()),
            "`p` is an array of 4 numbers, expected a number",
        ),
        (
            given.points::<3>("p").map(|_| ()),
            "`p` is an array of 4 numbers, expected points",
        ),
    ] {
        let text = wrong.unwrap_err().to_string();
        assert!(text.starts_with(message), "{text}");
    }
}

#[test]
fn what_places_centers_is_called_by_the_name_of_its_module() {
    let points = [[0.0, 0.0], [1.0, 1.0]];
    for name in ["gwr", "kmeans", "random"] {
        let error = place(name, &points, &Settings::default()).unwrap_err();
        assert!(matches!(error, Error::Value { ref seen, .. } if seen == "not set"));
    }
    let error = place("sunflower", &points, &Settings::default()).unwrap_err();
    assert!(error.to_string().contains("'sunflower'"));
}
