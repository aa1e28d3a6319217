use super::*;
use crate::record::board::samples::{arms, overfit, unfinished, validated};
use crate::show::figure::{Axis, Field, Grid, Histogram, Histograms, Hue, Lines, Path, Series, pictures};

fn figure(plot: Plot) -> Figure {
    Figure { title: "A <b> & \"c\"".into(), moment: None, plot, caption: "What it\u{1} shows > what is.".into() }
}

fn series(name: &str, points: Vec<(f64, f64)>, band: Vec<(f64, f64, f64)>) -> Series {
    Series { name: name.into(), hue: Hue::Vermillion, dotted: false, points, band }
}

fn lines(series: Vec<Series>) -> Figure {
    let y = Axis::linear("loss (nats)", 0.0, 2.0);
    figure(Plot::Lines(Lines { x: Axis::linear("epoch", 0.0, 4.0), y, series }))
}

fn histograms() -> Figure {
    let panel = |name: &str, shares: Vec<f64>| Histogram {
        name: name.into(),
        low: 0.0,
        high: 1.0,
        shares,
        notes: vec!["mean 0.50 · sd 0.02".into()],
    };
    let panels = vec![panel("layer 1", vec![0.5, 0.3, 0.2]), panel("layer 2", vec![0.0, f64::NAN, 1.0])];
    figure(Plot::Histograms(Histograms { panels, x_label: "activation".into() }))
}

fn field() -> Figure {
    let height =
        |row: usize, column: usize| if (row, column) == (0, 0) { f64::INFINITY } else { (row + column) as f64 };
    let path = Path {
        name: "sgd".into(),
        hue: Hue::Blue,
        points: vec![(-1.0, 1.0), (0.0, 0.5), (f64::NAN, 0.0), (9.0, 1e30), (0.5, 0.0)],
        arrow: Some((0.5, 0.5)),
    };
    figure(Plot::Field(Field {
        x: Axis::linear("x", -2.0, 2.0),
        y: Axis::linear("y", -1.0, 1.0),
        height: "height".into(),
        heights: (0..3).map(|row| (0..4).map(|column| height(row, column)).collect()).collect(),
        contours: vec![1.5, 3.5],
        shaded: true,
        paths: vec![path],
        marks: vec![("minimum".into(), (1.9, 0.9)), ("outside".into(), (3.0, 0.0))],
    }))
}

fn grid() -> Figure {
    figure(Plot::Grid(Grid {
        row_axis: "dropout".into(),
        column_axis: "weight_decay".into(),
        rows: vec!["0.0".into(), "0.2".into()],
        columns: vec!["0.0".into(), "0.1".into()],
        shares: vec![vec![Some(1.0), Some(5.0 / 9.0)], vec![Some(0.0), None]],
        brief: Vec::new(),
        texts: vec![vec!["0.750".into(), "0.710".into()], vec!["0.660".into(), "diverged".into()]],
        best: Some((0, 0)),
    }))
}

/// What is wrong with a text as XML: tags that do not match, attributes twice or without quotes, characters that have to be
/// escaped. Knows as much of XML as the exporter writes.
fn mistake(text: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        if before.contains('>') || before.chars().any(|c| c.is_control() && c != '\n') || has_bare_ampersand(before) {
            return Some(format!("text {before:?}"));
        }
        let Some((tag, behind)) = tag.split_once('>') else { return Some(format!("tag without an end: {tag}")) };
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> closes nothing"));
            }
            continue;
        }
        let (name, attributes) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag.trim_end_matches('/'), ""));
        let mut parts = attributes.split('"');
        let mut names = Vec::new();
        while let Some(key) = parts.next().map(str::trim).filter(|key| !key.is_empty()) {
            let value = parts.next().unwrap_or("&");
            if !key.ends_with('=') || names.contains(&key) || has_bare_ampersand(value) {
                return Some(format!("attribute {key} of <{tag}>"));
            }
            names.push(key);
        }
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    (!open.is_empty()).then(|| format!("never closed: {open:?}")).or((rest != "\n").then(|| "text behind".into()))
}

fn has_bare_ampersand(text: &str) -> bool {
    let entities = ["amp;", "lt;", "gt;", "quot;"];
    text.split('&').skip(1).any(|behind| !entities.iter().any(|entity| behind.starts_with(entity)))
}

#[test]
fn the_check_of_xml_finds_mistakes() {
    for wrong in
        ["<a>\n", "<a></b>\n", "<a b=1></a>\n", "<a b=\"1\" b=\"2\"/>\n", "<a>&</a>\n", "<a>></a>\n", "<a>\u{1}</a>\n"]
    {
        assert!(mistake(wrong).is_some(), "{wrong}");
    }
    assert_eq!(mistake("<a b=\"1\" c=\"&amp;\"><b/>x</a>\n"), None);
}

#[test]
fn pictures_of_each_kind() {
    let band = vec![(0.0, 1.9, 2.0), (1.0, 0.8, 1.2), (2.0, f64::NAN, 1.0), (3.0, 0.5, 0.9)];
    let points = vec![(0.0, 2.0), (1.0, 1.0), (2.0, f64::INFINITY), (3.0, 0.7), (4.0, 1e9)];
    let two = vec![series("a < b", points, band), series("nothing", Vec::new(), Vec::new())];
    for (name, figure) in [("lines", lines(two)), ("histograms", histograms()), ("field", field()), ("grid", grid())] {
        let svg = render(&figure);
        assert_eq!(mistake(&svg), None, "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        assert_eq!(svg, render(&figure), "the same text twice");
        insta::assert_snapshot!(name, svg);
    }
}

#[test]
fn all_pictures_of_a_board_are_well_formed() {
    for board in [overfit(), arms(), unfinished(), validated()] {
        for picture in pictures(&board) {
            let svg = render(&picture.figure(&board, 0));
            assert_eq!(mistake(&svg), None, "{} of {}", picture.name, board.plan.study);
            assert!(svg.contains("font-family=\"sans-serif\"") && svg.contains("<desc>"), "{svg}");
        }
    }
}

#[test]
fn a_gap_breaks_the_curve() {
    let whole: Vec<(f64, f64)> = (0..4).map(|x| (f64::from(x), 1.0)).collect();
    let mut broken = whole.clone();
    broken.insert(2, (1.5, f64::NAN));
    let count = |points| render(&lines(vec![series("a", points, Vec::new())])).matches("<polyline").count();
    assert_eq!((count(whole), count(broken)), (1, 2));
}

#[test]
fn nothing_breaks_a_picture() {
    let empty = Field {
        x: Axis::linear("", 0.0, 1.0),
        y: Axis::linear("", 0.0, 1.0),
        height: String::new(),
        heights: Vec::new(),
        contours: vec![1.0],
        shaded: true,
        paths: vec![Path { name: String::new(), hue: Hue::Blue, points: Vec::new(), arrow: Some((1.0, 1.0)) }],
        marks: Vec::new(),
    };
    let no_grid = Grid {
        brief: Vec::new(),
        row_axis: String::new(),
        column_axis: String::new(),
        rows: Vec::new(),
        columns: Vec::new(),
        shares: vec![vec![Some(f64::NAN)]],
        texts: vec![vec![String::new(); 2]],
        best: None,
    };
    let no_panels = Histograms { panels: Vec::new(), x_label: String::new() };
    for plot in [Plot::Field(empty), Plot::Grid(no_grid), Plot::Histograms(no_panels)] {
        assert_eq!(mistake(&render(&figure(plot))), None);
    }
    assert_eq!(mistake(&render(&lines(Vec::new()))), None);
}

#[test]
fn a_matrix_of_many_classes_is_small_and_has_all_their_names() {
    let matrix = |classes: usize| {
        let names: Vec<String> = (0..classes).map(|class| format!("class {class}")).collect();
        let all = |text: &str| vec![vec![text.to_owned(); classes]; classes];
        render(&figure(Plot::Grid(Grid {
            row_axis: "true class".into(),
            column_axis: "predicted class".into(),
            rows: names.clone(),
            columns: names,
            shares: vec![vec![Some(0.01); classes]; classes],
            texts: all("1 % · 17"),
            brief: all("1"),
            best: None,
        })))
    };
    assert!(matrix(10).contains(">1 % · 17</text>"));
    let twenty = matrix(20);
    assert!(twenty.contains(">1</text>") && !twenty.contains("· 17"));
    let hundred = matrix(100);
    assert!(!hundred.contains(">1</text>") && hundred.matches(">class 99</text>").count() == 2);
    let width = hundred.split("width=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(width.parse::<f64>().unwrap() < 1100.0, "{width}");
}
