//! Holds the code to the map in the doc of `src/lib.rs`: who may import whom. Tests beside the code may import more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const NUMERIC: [&str; 11] =
    ["kernel", "data", "nn", "optim", "model", "descent", "evaluate", "probe", "slice", "curvature", "train"];
const SHOWING: [&str; 7] = ["board", "stats", "claim", "report", "figure", "export", "ui"];

/// Rooms by name, each with the rooms it may import, as the table in `src/lib.rs` has them.
fn map() -> BTreeMap<String, BTreeSet<String>> {
    let doc = fs::read_to_string(source().join("lib.rs")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("//! | [`")?.split('|').map(str::trim).collect();
        let [room, _job, imports, ""] = cells[..] else { panic!("not a row of the map: {line}") };
        let imports = imports.split_whitespace().filter(|&import| import != "–");
        Some((room.trim_end_matches("`]").to_owned(), imports.map(str::to_owned).collect()))
    };
    doc.lines().filter_map(row).collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All source files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The files that a module declares for tests alone.
fn test_files(path: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(path).unwrap();
    let folder = if path.ends_with("mod.rs") { path.parent().unwrap().to_owned() } else { path.with_extension("") };
    let declared = text.split("#[cfg(test)]\n").skip(1).filter_map(|rest| rest.lines().next()?.strip_suffix(';'));
    declared.filter_map(|line| Some(folder.join(format!("{}.rs", line.split_once("mod ")?.1)))).collect()
}

/// The code of each room but for tests and comments, file by file.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let mut paths = Vec::new();
    files(&source(), &mut paths);
    let tests: Vec<PathBuf> = paths.iter().flat_map(|path| test_files(path)).collect();
    paths.retain(|path| !tests.contains(path));
    paths.sort();
    let room = |path: PathBuf| {
        let inside = path.strip_prefix(source()).unwrap();
        let room = inside.iter().next()?.to_str()?.trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next()?;
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        (!["lib", "main"].contains(&room.as_str())).then(|| (room, path.clone(), code.join("\n")))
    };
    paths.into_iter().filter_map(room).collect()
}

/// The rooms that `crate::room` and `crate::{room::…, room}` name.
fn imports(code: &str) -> BTreeSet<String> {
    code.split("crate::").skip(1).flat_map(after_crate).collect()
}

fn after_crate(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect::<String>();
    let Some(list) = code.strip_prefix('{') else { return vec![word(code)] };
    let mut depth = 0;
    let mut names = vec![word(list.trim_start())];
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(list[at + 1..].trim_start())),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn imports_are_found_however_they_are_written() {
    let code = "use crate::a::B;\nlet x = crate::b::c();\nuse crate::{c::{D, E}, d, e as f};\npub(crate) fn g() {}";
    assert_eq!(imports(code), ["a", "b", "c", "d", "e"].map(str::to_owned).into());
}

#[test]
fn every_room_imports_only_what_the_map_allows() {
    let map = map();
    for (room, path, code) in rooms() {
        let allowed = map.get(&room).unwrap_or_else(|| panic!("{room} is not on the map in src/lib.rs"));
        for import in imports(&code) {
            let message = format!("{}: {room} may not import {import}: see the map in src/lib.rs", path.display());
            assert!(import == room || allowed.contains(&import), "{message}");
        }
        assert!(!code.contains("super::super::"), "{}: write crate:: so that the map can be checked", path.display());
    }
}

#[test]
fn the_map_shows_every_room_and_no_other() {
    let there: BTreeSet<String> = rooms().into_iter().map(|(room, ..)| room).collect();
    assert_eq!(map().into_keys().collect::<BTreeSet<_>>(), there);
}

#[test]
fn the_numeric_and_the_showing_half_never_meet() {
    let map = map();
    for (half, other) in [(&NUMERIC[..], &SHOWING[..]), (&SHOWING[..], &NUMERIC[..])] {
        for room in half {
            for stranger in other {
                assert!(!map[*room].contains(*stranger), "{room} may import {stranger}");
            }
        }
    }
    for (room, path, code) in rooms().iter().filter(|(room, ..)| NUMERIC.contains(&room.as_str())) {
        for foreign in ["mpsc", "crossterm", "ratatui", "println!"] {
            assert!(!code.contains(foreign), "{}: {room} knows of {foreign}", path.display());
        }
    }
}
