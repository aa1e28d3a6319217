//! The screens as they are drawn, from hand-written events and stepped keys.

use super::app::{App, Request};
use super::keys::{Binding, EXPORT, key};
use super::save::Document;
use super::screens::{About, Next, Screen};
use super::shared::Shared;
use super::theme::Theme;
use super::{example, screens, table_text};
use crate::plan::TrialId;
use crate::record::board::Board;
use crate::record::board::samples::{diverged, of_program, on_surface};
use crate::record::event::{Curve, Event, Measured, Outcome, Point};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

fn app(events: &[Event]) -> App {
    let mut app = App::new(Board::new(example::plan()), Theme::new(false));
    events.iter().for_each(|event| app.apply(event));
    app.shared.elapsed = Duration::from_secs(12);
    app.train(!app.shared.board.complete());
    app
}

/// Presses keys: a character each, `\n` for enter, `\t` for tab, `^` for ctrl-c, `<` for esc.
fn press(app: &mut App, keys: &str) -> Option<Request> {
    let mut last = None;
    for character in keys.chars() {
        let (code, modifiers) = match character {
            '\n' => (KeyCode::Enter, KeyModifiers::NONE),
            '\t' => (KeyCode::Tab, KeyModifiers::NONE),
            '<' => (KeyCode::Esc, KeyModifiers::NONE),
            '^' => (KeyCode::Char('c'), KeyModifiers::CONTROL),
            other => (KeyCode::Char(other), KeyModifiers::NONE),
        };
        last = app.press(KeyEvent::new(code, modifiers));
    }
    last
}

/// Looks at the screen for as long as one needs to read it, and presses nothing.
fn read(app: &mut App) {
    draw(app, 80, 24);
    app.shared.settle(app.shared.elapsed + Duration::from_secs(1));
}

/// Goes to the picture of this name in the gallery.
fn open_picture(app: &mut App, name: &str) {
    let place = crate::show::figure::pictures(&app.shared.board).iter().position(|picture| picture.name == name);
    press(app, "pg");
    press(app, &"j".repeat(place.unwrap()));
}

fn draw(app: &mut App, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| app.draw(frame.area(), frame.buffer_mut())).unwrap();
    terminal.backend().to_string()
}

/// The first words of the line of the list that is reversed: state, parameters and seed.
fn selected_line(app: &mut App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| app.draw(frame.area(), frame.buffer_mut())).unwrap();
    let reversed = |cell: &&ratatui::buffer::Cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED);
    let words: String = terminal.backend().buffer().content.iter().filter(reversed).map(|cell| cell.symbol()).collect();
    words.split_whitespace().take(5).collect::<Vec<_>>().join(" ")
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (40, 10)];
/// For what has columns, of which a large screen shows more.
const LARGE: (u16, u16) = (200, 50);

#[test]
fn screens() {
    let views: [(&str, &[Event], &str); 8] = [
        ("trials", &example::running(), ""),
        ("detail", &example::running(), "jj\n"),
        ("compare", &example::running(), " jjj j\n"),
        ("table", &example::done(), "\t"),
        ("effects", &example::done(), "\tf"),
        ("help", &example::running(), "?"),
        ("no_match", &example::running(), "/nothing"),
        ("quit", &example::running(), "q"),
    ];
    for (name, events, keys) in views {
        for (width, height) in SIZES {
            let mut app = app(events);
            press(&mut app, keys);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), draw(&mut app, width, height));
        }
    }
}

/// The line to the twin, a random plane with a corner of infinities, and the way of training.
#[test]
fn screens_of_slices() {
    for name in ["line", "plane", "path"] {
        for (width, height) in SIZES {
            let mut app = app(&example::sliced());
            open_picture(&mut app, &format!("{name}/0.0-0.0"));
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), draw(&mut app, width, height));
        }
    }
}

/// The table at the best epoch, and a trial's own curves and numbers with validation.
#[test]
fn screens_with_validation() {
    for (name, keys) in [("best", "b"), ("validation", "\t\n")] {
        for (width, height) in SIZES {
            let mut app = App::new(example::validated(), Theme::new(false));
            press(&mut app, keys);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), draw(&mut app, width, height));
        }
    }
}

/// Six layers side by side, trained and untrained, and a curve a layer.
#[test]
fn screens_of_layers() {
    let views = [
        ("activations", "activations/0.0-0.1", ""),
        ("activations_untrained", "activations/0.0-0.1", "hhh"),
        ("by_layer", "by_layer/activation_sd", ""),
        ("layers", "layers/activation_sd/0.0-0.1", ""),
    ];
    for (name, picture, keys) in views {
        for (width, height) in SIZES {
            let mut app = app(&example::probed());
            open_picture(&mut app, picture);
            press(&mut app, keys);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), draw(&mut app, width, height));
        }
    }
}

/// Columns come as a screen grows, and there are blanks enough where it is large.
#[test]
fn large_screens() {
    for (name, events, keys) in [("trials", example::running(), ""), ("table", example::done(), "\t")] {
        let mut app = app(&events);
        press(&mut app, keys);
        insta::assert_snapshot!(format!("{name}_200x50"), draw(&mut app, LARGE.0, LARGE.1));
    }
    let mut app = app(&example::done());
    app.apply(&Event::StudyStarted(example::plan_with_claims()));
    for (name, keys) in [("claims_below", "\t"), ("effects", "f")] {
        press(&mut app, keys);
        insta::assert_snapshot!(format!("{name}_200x50"), draw(&mut app, LARGE.0, LARGE.1));
    }
}

/// Paths over contours, of which one has left the picture and diverged; the step before; the table.
#[test]
fn screens_of_a_surface() {
    for (name, keys) in
        [("paths", "p"), ("paths_before", "ph"), ("paths_alone", "po"), ("velocity", "pj"), ("surface_table", "")]
    {
        for (width, height) in SIZES {
            let mut app = App::new(on_surface(), Theme::new(false));
            press(&mut app, keys);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), draw(&mut app, width, height));
        }
    }
}

#[test]
fn pictures_are_a_key_away() {
    let (to_gap, to_grid) = ("pj", "pjjjjjj");
    let views: [(&str, &[Event], &str); 8] = [
        ("curves", &example::done(), "p"),
        ("curves_running", &example::running(), to_gap),
        ("grid", &example::running(), to_grid),
        ("no_picture", &[], "pkkkkkk"),
        ("list", &example::done(), "p\njj"),
        ("found", &example::done(), "p/loss grid"),
        ("caption", &example::running(), "pi"),
        ("help", &example::running(), "p?"),
    ];
    for (name, events, keys) in views {
        for (width, height) in SIZES {
            let mut app = app(events);
            press(&mut app, keys);
            insta::assert_snapshot!(format!("picture_{name}_{width}x{height}"), draw(&mut app, width, height));
        }
    }
}

#[test]
fn a_picture_is_found_by_its_name() {
    let mut app = app(&example::done());
    let shown = |app: &mut App, keys: &str| {
        press(app, keys);
        draw(app, 80, 24).lines().nth(1).unwrap_or_default().to_owned()
    };
    assert!(shown(&mut app, "p/loss grid").contains("curves/test_accuracy 2/"), "as long as nothing is chosen");
    assert!(shown(&mut app, "\n").contains("grid/train_loss"));
    assert!(shown(&mut app, "\nj<").contains("grid/train_loss"), "esc changes nothing");
    assert!(shown(&mut app, "\nj\n").contains("grid/test_loss"));
    assert!(shown(&mut app, "/nothing\n").contains("grid/test_loss"), "nothing is found");
    press(&mut app, "<");
    assert!(draw(&mut app, 80, 24).contains("verdict"), "back to the table");
}

#[test]
fn no_size_breaks_a_picture() {
    for (width, height) in [(0, 0), (80, 0), (80, 3), (1, 1), (9, 9), (10, 12), (3, 40), (200, 7), (300, 90)] {
        for keys in ["p", "phh", "poo", "pjo", "pjj"] {
            let mut app = App::new(on_surface(), Theme::new(true));
            press(&mut app, keys);
            let area = Rect::new(0, 0, width, height);
            app.draw(area, &mut Buffer::empty(area));
        }
    }
}

#[test]
fn the_export_key_writes_what_is_in_view() {
    let names = |keys: &str| {
        let mut app = app(&example::running());
        assert_eq!(press(&mut app, &format!("{keys}e")), Some(Request::Export));
        let documents = app.documents().unwrap();
        assert!(documents.iter().all(|document| document.text.starts_with("<svg") == (document.ending == "svg")));
        documents.into_iter().map(|document| format!("{}.{}", document.name, document.ending)).collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["overfit.md"]);
    assert_eq!(names("p"), ["overfit-curves-test_accuracy.svg"]);
    assert_eq!(names("poo"), ["overfit-curves-test_accuracy-0.0-0.1.svg"]);
    let trial = "overfit-dropout=0.0-weight_decay=0.0-seed-0";
    assert_eq!(names("jj\n"), [format!("{trial}-loss.svg"), format!("{trial}-accuracy.svg")]);
}

#[test]
fn the_best_epoch_is_a_key_away_where_it_is_known() {
    let mut known = App::new(example::validated(), Theme::new(false));
    let last = draw(&mut known, 80, 24);
    press(&mut known, "b");
    assert!(draw(&mut known, 80, 24).contains("Chosen on validation"));
    press(&mut known, "b");
    assert_eq!(draw(&mut known, 80, 24), last);
    let mut unknown = app(&example::done());
    press(&mut unknown, "\tb");
    assert!(draw(&mut unknown, 80, 24).contains("validation_samples"));
}

#[test]
fn claims_stand_below_the_table_and_on_their_own_screen() {
    for (width, height) in SIZES {
        let mut app = app(&example::done());
        app.apply(&Event::StudyStarted(example::plan_with_claims()));
        press(&mut app, "\t");
        insta::assert_snapshot!(format!("claims_below_{width}x{height}"), draw(&mut app, width, height));
        press(&mut app, "c");
        insta::assert_snapshot!(format!("claims_{width}x{height}"), draw(&mut app, width, height));
        press(&mut app, "jG");
        assert!(draw(&mut app, width, height).contains("power"), "the last lines");
        press(&mut app, "c");
        assert!(draw(&mut app, width, height).contains("0.0"), "the table again");
    }
}

#[test]
fn the_printed_table_holds_the_claims() {
    let mut board = example::board(&example::done());
    board.plan = example::plan_with_claims();
    insta::assert_snapshot!(table_text(&board, 100));
}

#[test]
fn a_study_without_claims_says_so() {
    let mut app = app(&example::done());
    press(&mut app, "c");
    assert!(draw(&mut app, 80, 24).contains("this study has no claims"));
}

#[test]
fn no_size_and_no_data_breaks_a_screen() {
    let curve = |value: f32| {
        let mut curve = Curve::default();
        for step in [0, 3] {
            curve.push(Point { step, measured: Measured::of_network((value, 0), (value, 10_000), value) });
        }
        Event::Evaluated { trial: TrialId(0), curve }
    };
    let with = |event: Event| vec![example::started(0), event];
    let data = [
        vec![],
        with(example::evaluated(0, 0)),
        with(curve(0.0)),
        with(curve(f32::MAX)),
        with(curve(f32::MIN_POSITIVE)),
        with(example::finished(0, Outcome::Failed { message: "드롭\n아웃".repeat(40) })),
        example::running(),
        example::done(),
        example::sliced(),
        example::probed(),
    ];
    for events in &data {
        for keys in [
            "",
            "\n",
            " j \n",
            "\t",
            "?",
            "q",
            "/w",
            "/nothing\n",
            "\t\n",
            "\tf",
            "\tfjj",
            "p",
            "pjjjjjj",
            "pjjjjjjj",
            "pG",
            "p\nj",
            "p/x",
            "pi",
            "p?",
        ] {
            for (width, height) in
                [(0, 0), (80, 0), (80, 3), (1, 1), (2, 2), (10, 3), (3, 40), (200, 2), (40, 10), (80, 24), (500, 100)]
            {
                let mut app = app(events);
                press(&mut app, keys);
                let area = Rect::new(0, 0, width, height);
                app.draw(area, &mut Buffer::empty(area));
            }
        }
    }
}

#[test]
fn trials_of_another_program_are_on_every_screen() {
    for keys in ["", "\n", " j \n", "\t", "\t\n", "\tf", "\tfjj", "p", "pjj", "pG", "?"] {
        for (width, height) in [(0, 0), (1, 1), (10, 3), (40, 10), (80, 24), (120, 36), (500, 100)] {
            let mut app = App::new(of_program(), Theme::new(true));
            press(&mut app, keys);
            let area = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(area);
            app.draw(area, &mut buffer);
            let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
            assert!(!text.contains("accuracy") && !text.contains("images"), "{keys:?} at {width}x{height}: {text}");
        }
    }
    let mut app = App::new(of_program(), Theme::new(true));
    for (name, keys) in
        [("program_table", ""), ("program_effects", "f"), ("program_trials", "\t"), ("program_trial", "\n")]
    {
        press(&mut app, keys);
        insta::assert_snapshot!(name, draw(&mut app, 100, 30));
    }
}

#[test]
fn the_selection_stays_with_its_trial() {
    let mut app = app(&example::running());
    press(&mut app, "jjjjj");
    let before = selected_line(&mut app);
    assert_eq!(before, "✓ done 0.0 0.0 3");
    // Trials that end, and other orders, move its row.
    app.apply(&example::completed(13));
    assert_eq!(selected_line(&mut app), before);
    for _ in 0..9 {
        press(&mut app, "sS");
        assert_eq!(selected_line(&mut app), before);
    }
}

#[test]
fn until_a_key_moves_it_the_selection_is_the_first_running_trial() {
    let mut app = app(&example::running());
    assert!(selected_line(&mut app).starts_with("▶ running 0.0 0.1 3"));
    app.apply(&example::completed(13));
    assert!(selected_line(&mut app).starts_with("▶ running 0.0 0.1 4"));
}

#[test]
fn levels_open_and_close() {
    let mut app = app(&example::done());
    press(&mut app, "\tj\n");
    let cell = draw(&mut app, 80, 24);
    assert!(cell.contains("only dropout=0.0 weight_decay=0.1") && cell.contains("10 of 40"), "{cell}");
    press(&mut app, "\n");
    assert!(draw(&mut app, 80, 24).contains("seed 0"));
    press(&mut app, "<<");
    assert!(draw(&mut app, 80, 24).contains("verdict"));
}

#[test]
fn quitting_asks_while_trials_run() {
    let mut running = app(&example::running());
    assert_eq!(press(&mut running, "q"), None);
    assert_eq!(press(&mut running, "n"), None);
    assert_eq!(press(&mut running, "q"), None);
    read(&mut running);
    assert_eq!(press(&mut running, "y"), Some(Request::Cancel));
    assert_eq!(press(&mut running, "q"), None);
    assert_eq!(press(&mut running, "^"), Some(Request::Abandon));
    assert_eq!(press(&mut app(&example::running()), "/x^^"), Some(Request::Cancel));
    assert_eq!(press(&mut app(&example::done()), "q"), Some(Request::Quit));
}

#[test]
fn what_was_typed_before_the_question_could_be_read_does_not_answer_it() {
    let mut app = app(&example::running());
    assert_eq!(press(&mut app, "quey"), None);
    // Long ago, but not in view.
    app.shared.settle(app.shared.elapsed + Duration::from_secs(60));
    assert_eq!(press(&mut app, "y"), None);
    draw(&mut app, 80, 24);
    app.shared.settle(app.shared.elapsed + Duration::from_millis(100));
    assert_eq!(press(&mut app, "y"), None);
    read(&mut app);
    // A text that begins with another letter.
    assert_eq!(press(&mut app, "ey"), None);
    read(&mut app);
    app.paste("y");
    assert_eq!(press(&mut app, "y"), None);
    read(&mut app);
    assert_eq!(press(&mut app, "y"), Some(Request::Cancel));
}

#[test]
fn pasted_text_is_typed_where_text_is_typed_and_no_command_elsewhere() {
    let mut app = app(&example::running());
    app.paste("query the universe\nq\ny");
    let screen = draw(&mut app, 80, 24);
    assert!(!screen.contains("stop training?") && screen.contains("pasted text is not taken for keys"), "{screen}");
    press(&mut app, "/seed=");
    app.paste("\r\n 3\u{1b}[2J\rq\ry");
    assert!(draw(&mut app, 80, 24).contains("/seed=3␛[2J▏"));
    press(&mut app, "<pj/");
    app.paste("gap\n");
    assert!(draw(&mut app, 80, 24).contains("/gap▏"));
}

#[test]
fn nobody_is_asked_whether_to_stop_what_has_ended() {
    let mut app = app(&example::running());
    press(&mut app, "q");
    assert!(draw(&mut app, 80, 24).contains("stop training?"));
    assert!(app.train(false));
    assert!(!draw(&mut app, 80, 24).contains("stop training?"));
}

#[test]
fn matches_are_cycled_through() {
    let mut app = app(&example::running());
    press(&mut app, "/seed=3\nn");
    assert!(selected_line(&mut app).starts_with("✓ done 0.0 0.0 3"));
    press(&mut app, "NN");
    assert!(selected_line(&mut app).starts_with("· waiting 0.2 0.1 3"));
    press(&mut app, "<");
    assert!(!draw(&mut app, 80, 24).contains("/seed"));
}

#[test]
fn a_filter_that_matches_nothing_says_how_to_lift_it() {
    for (width, height) in SIZES {
        let mut app = app(&example::running());
        press(&mut app, "/nothing\n");
        let words: Vec<String> = draw(&mut app, width, height).split_whitespace().map(str::to_owned).collect();
        assert!(words.join(" ").replace(" \" \" ", " ").contains("no trial has all these words; esc"), "{words:?}");
    }
}

#[test]
fn a_long_name_takes_room_from_neither_intervals_nor_verdicts() {
    let mut plan = example::plan();
    for (place, cell) in plan.cells.iter_mut().enumerate() {
        cell.arm = Some(format!("{place}: an arm whose name says all that it does, and then some more than that"));
    }
    let mut board = Board::new(plan);
    example::done().iter().for_each(|event| board.apply(event));
    for width in [80, 100, 120] {
        let text = table_text(&board, width);
        assert!(text.contains("0.0882 ± 0.0037") && text.contains("worse on both") && text.contains("3: an"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= width.into()), "{text}");
        assert_eq!(text.contains("Δ test"), text.contains("Δ: mean"), "{text}");
    }
}

#[test]
fn what_diverged_is_told_wherever_its_cell_is() {
    let board = diverged();
    for width in [60, 80, 120] {
        let text = table_text(&board, width);
        assert!(text.lines().any(|line| line.contains("0.5") && line.contains("12 of 20 d")), "{text}");
        assert!(text.contains("inconclusive: 12 of 20 diverged, at step 7"), "{text}");
    }
    let mut app = App::new(board, Theme::new(false));
    press(&mut app, "b");
    let best = draw(&mut app, 120, 36);
    assert!(
        best.contains("12 of 20 diverged, at step 7 ") && best.contains("Never chosen, since trials diverged"),
        "{best}"
    );
    press(&mut app, "f");
    let effects = draw(&mut app, 120, 36);
    assert!(effects.contains("Fewer pairs, since trials diverged: dropout = 0.5 (12 of 20"), "{effects}");
    press(&mut app, "<c");
    assert!(draw(&mut app, 80, 24).contains("? inconclusive: 12 of 20 diverged, at step 7"));
}

#[test]
fn the_table_is_printed_as_wide_as_the_terminal() {
    let board = example::board(&example::done());
    insta::assert_snapshot!(table_text(&board, 80));
    let narrow = table_text(&example::board(&example::running()), 40);
    assert!(narrow.lines().all(|line| line.chars().count() <= 40) && narrow.contains("Unfinished: 12"), "{narrow}");
    table_text(&board, 0);
}

#[test]
fn the_effects_scroll_and_lead_back_to_the_table() {
    let mut app = app(&example::done());
    press(&mut app, "\tf");
    assert!(draw(&mut app, 80, 24).contains("Which factor matters"));
    press(&mut app, "G");
    let end = draw(&mut app, 80, 24);
    assert!(!end.contains("Which factor matters") && end.contains("Against the baseline"), "{end}");
    press(&mut app, "<");
    assert!(draw(&mut app, 80, 24).contains("verdict"));
}

#[test]
fn the_help_scrolls_where_it_does_not_fit() {
    let mut app = app(&[]);
    press(&mut app, "?");
    assert!(!draw(&mut app, 40, 10).contains("its effects"));
    press(&mut app, &"j".repeat(80));
    assert!(draw(&mut app, 40, 10).contains("its effects"));
}

#[test]
fn curvatures_stand_beside_their_bound() {
    let board = example::curvatures();
    let pictures: Vec<_> = crate::show::figure::pictures(&board).into_iter().map(|picture| picture.name).collect();
    assert!(pictures.ends_with(&["curvature".into(), "curvature/sgd".into(), "curvature/adam".into()]), "{pictures:?}");
    for (picture, name) in [("curvature/adam", "curvature_cell"), ("curvature", "curvature")] {
        for (width, height) in SIZES {
            let mut app = App::new(board.clone(), Theme::new(false));
            open_picture(&mut app, picture);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), draw(&mut app, width, height));
        }
    }
}

/// What it takes to add a screen: its own file, which this stands for, and its line in the list.
#[derive(Default)]
struct Failures {
    all: bool,
}

const FAILURES: Binding =
    Binding::new(&[key('x')], "from screen to screen", "what went wrong, and back").hint("failures");
const ALL: Binding = Binding::new(&[key('a')], "failures", "all of them, or the first").hint("all");

impl Screen for Failures {
    fn about(&self) -> About {
        About::page("failures", "Failures").below("table").opened_by(FAILURES)
    }

    fn keys(&self, openers: &[Binding]) -> Vec<Binding> {
        [&[ALL], openers, &[EXPORT]].concat()
    }

    fn press(&mut self, key: Binding, _shared: &mut Shared) -> Option<Next> {
        match key {
            ALL => self.all = !self.all,
            FAILURES => return Some(Next::Back),
            _ => return None,
        }
        Some(Next::Stay)
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        let count = shared.board.tally().failed;
        let text = if self.all { format!("all {count} of them") } else { "the first".into() };
        buf.set_stringn(area.x, area.y, text, area.width.into(), shared.theme.trouble());
    }

    fn documents(&mut self, shared: &mut Shared) -> crate::error::Result<Vec<Document>> {
        Ok(vec![Document { name: shared.board.plan.study.clone(), ending: "log", text: "one failed".into() }])
    }
}

#[test]
fn a_screen_is_added_in_one_place() {
    let mut screens = screens::all();
    screens.push(Box::new(Failures::default()));
    let mut app = App::with(screens, example::board(&example::running()), Theme::new(false));
    let trials = draw(&mut app, 120, 36);
    assert!(trials.contains("Pictures  Failures") && trials.contains("x failures"), "{trials}");
    press(&mut app, "x");
    let failures = draw(&mut app, 120, 36);
    assert!(failures.contains("the first") && failures.contains("a all  tab trials/table"), "{failures}");
    press(&mut app, "a");
    assert!(draw(&mut app, 120, 36).contains("all 1 of them"));
    assert_eq!((press(&mut app, "e"), app.documents().unwrap()[0].ending), (Some(Request::Export), "log"));
    press(&mut app, "?");
    let help = draw(&mut app, 120, 36);
    assert!(help.contains("│  failures ") && help.contains("a  all of them, or the first"), "{help}");
    press(&mut app, "?x");
    assert!(draw(&mut app, 120, 36).contains("train_samples = 300"), "back to the table");
}

/// Whatever the width, lists keep to it and lose no column that they have where it is narrower.
#[test]
fn lists_keep_to_every_width() {
    let board = example::board(&example::done());
    let mut trials = app(&example::running());
    let count = |header: &str, titles: &[&str]| titles.iter().filter(|title| header.contains(**title)).count();
    let of_table = ["train", "test", "gap", "verdict", "Δ test", "Δ gap", "train loss", "test loss"];
    let of_trials = ["seed", "progress", "loss", "train", "test", "gap"];
    let mut shown = [0, 0];
    for width in 1..=250 {
        let text = table_text(&board, width);
        assert!(text.lines().all(|line| line.width() <= width.into()), "{width}: {text}");
        let table = text.lines().skip_while(|line| !line.is_empty()).nth(1).unwrap_or_default();
        let trials = draw(&mut trials, width, 3);
        let now = [count(table, &of_table), count(trials.lines().next().unwrap_or_default(), &of_trials)];
        assert!(now[0] >= shown[0] && now[1] >= shown[1], "{now:?} columns at {width}, {shown:?} before");
        shown = now;
    }
    assert_eq!(shown, [of_table.len(), of_trials.len()]);
}

/// No cell of any screen holds a character that would steer the terminal it is drawn on, whatever names are.
#[test]
fn no_name_steers_the_terminal() {
    let text = "\u{1b}[2J\r\n\t\u{9b}31m\u{202e}x\u{200b}\u{e0041}\0\u{2028}";
    let renamed = |mut board: Board| {
        let plan = &mut board.plan;
        (plan.study, plan.question) = (text.into(), Some(text.into()));
        plan.axes = plan.axes.iter().map(|axis| format!("{axis}{text}")).collect();
        for cell in &mut plan.cells {
            let named = |(key, value): (String, serde_json::Value)| {
                (format!("{key}{text}"), if value.is_number() { value } else { text.into() })
            };
            cell.params = std::mem::take(&mut cell.params).into_iter().map(named).collect();
            cell.arm = cell.arm.as_ref().map(|_| text.into());
        }
        for claim in &mut plan.claims {
            (claim.says, claim.note) = (text.into(), Some(text.into()));
        }
        for trial in &mut board.trials {
            if let crate::record::board::Status::Finished(outcome @ Outcome::Diverged { .. }) = &mut trial.status {
                *outcome = Outcome::Failed { message: text.into() };
            }
        }
        board
    };
    let samples = [
        example::board(&example::probed()),
        example::board(&example::sliced()),
        crate::record::board::samples::arms(),
        crate::record::board::samples::claims(),
        diverged(),
        of_program(),
        on_surface(),
    ];
    let mut drawn = 0;
    for board in samples.map(renamed) {
        for keys in [
            "", "j\n", " j \n", "\t", "\tb", "\t\n", "\tf", "\t\t", "\t\tj\n", "\t\t\t", "p", "pg", "pgj\n", "c", "?",
            "q", "/x", "s",
        ] {
            let mut app = App::new(board.clone(), Theme::new(false));
            app.shared.note = Some(text.into());
            press(&mut app, keys);
            app.paste(text);
            app.shared.say(text);
            for (width, height) in [LARGE, SIZES[2]] {
                let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
                terminal.draw(|frame| app.draw(frame.area(), frame.buffer_mut())).unwrap();
                let wrong = |symbol: &&str| symbol.contains(crate::printable::is_unprintable);
                let found = terminal.backend().buffer().content.iter().map(|cell| cell.symbol()).find(wrong);
                assert_eq!(found, None, "{keys:?} at {width} x {height}");
                drawn += 1;
            }
        }
        let table = table_text(&board, 100);
        assert_eq!(crate::printable::text(&table), table);
    }
    assert_eq!(drawn, 7 * 18 * 2);
}
