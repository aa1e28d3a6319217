//! Holds the code to the map in the doc of `src/lib.rs`: which top-level module may import which, and that no two parts
//! of the program import each other in a circle. Unit tests beside the code may import more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::Visit;

/// A module by the names that lead to it from the crate's root: `["record", "event", "curve"]`.
type Module = Vec<String>;

const LEARNING: [&str; 2] = ["learn", "surface"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Top-level modules by name, each with what it may import, as the table in `src/lib.rs` lists them: a module, or one
/// part of a module.
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

/// Every module but those for tests, with its code.
fn modules() -> BTreeMap<Module, syn::File> {
    fn read(file: PathBuf, module: Module, found: &mut BTreeMap<Module, syn::File>) {
        let code = syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
        let children: Vec<String> = code.items.iter().filter_map(declared).collect();
        let folder = file.parent().unwrap();
        for child in children {
            let places = [folder.join(format!("{child}.rs")), folder.join(&child).join("mod.rs")];
            let place = places.into_iter().find(|place| place.exists());
            let message = format!("{}: write modules as name.rs or name/mod.rs: {child}", file.display());
            read(place.expect(&message), [&module[..], &[child]].concat(), found);
        }
        found.insert(module, code);
    }
    let mut found = BTreeMap::new();
    read(source().join("lib.rs"), Vec::new(), &mut found);
    found
}

/// The name of a module in another file, if an item declares one that is not only for tests.
fn declared(item: &syn::Item) -> Option<String> {
    match item {
        syn::Item::Mod(item) if item.content.is_none() && !for_tests(&item.attrs) => Some(item.ident.to_string()),
        _ => None,
    }
}

fn for_tests(attributes: &[syn::Attribute]) -> bool {
    let is_test = |list: &syn::MetaList| list.path.is_ident("cfg") && list.tokens.to_string().contains("test");
    attributes.iter().any(|attribute| attribute.meta.require_list().is_ok_and(is_test))
}

/// All paths of a file that name something of this crate, segment by segment, from the root on.
struct Paths<'a> {
    module: &'a Module,
    found: BTreeSet<Vec<String>>,
}

impl Paths<'_> {
    fn of(module: &Module, code: &syn::File) -> BTreeSet<Vec<String>> {
        let mut paths = Paths { module, found: BTreeSet::new() };
        paths.visit_file(code);
        paths.found
    }

    fn keep(&mut self, segments: &[String]) {
        let absolute = match segments.first().map(String::as_str) {
            Some("crate") => segments[1..].to_vec(),
            Some("super") => {
                let up = segments.iter().take_while(|&segment| segment == "super").count();
                let above = &self.module[..self.module.len() - up];
                [above, &segments[up..]].concat()
            }
            _ => return,
        };
        self.found.insert(absolute);
    }

    fn keep_tree(&mut self, so_far: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [so_far, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.keep_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.keep(so_far),
            syn::UseTree::Name(name) => self.keep(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.keep(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.keep(so_far),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.keep_tree(so_far, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !for_tests(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !for_tests(&item.attrs) {
            self.keep_tree(&[], &item.tree);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !for_tests(&item.attrs) {
            syn::visit::visit_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.keep(&segments);
        syn::visit::visit_path(self, path);
    }
}

/// The names that a module re-exports from its children, each with the child it comes from.
fn re_exported(code: &syn::File) -> BTreeMap<String, String> {
    fn collect(child: Option<&str>, tree: &syn::UseTree, names: &mut BTreeMap<String, String>) {
        match (tree, child) {
            (syn::UseTree::Path(path), None) => collect(Some(&path.ident.to_string()), &path.tree, names),
            (syn::UseTree::Path(path), Some(_)) => collect(child, &path.tree, names),
            (syn::UseTree::Group(group), _) => group.items.iter().for_each(|tree| collect(child, tree, names)),
            (syn::UseTree::Name(name), Some(child)) => drop(names.insert(name.ident.to_string(), child.to_owned())),
            (syn::UseTree::Rename(name), Some(child)) => drop(names.insert(name.rename.to_string(), child.to_owned())),
            _ => {}
        }
    }
    let mut names = BTreeMap::new();
    for item in &code.items {
        if let syn::Item::Use(item) = item
            && !matches!(item.vis, syn::Visibility::Inherited)
        {
            collect(None, &item.tree, &mut names);
        }
    }
    names
}

/// The module that defines what a path names: as deep as there are modules, then where the name is re-exported from.
fn target(path: &[String], modules: &BTreeMap<Module, syn::File>) -> Module {
    let depth = (0..=path.len()).rev().find(|&depth| modules.contains_key(&path[..depth])).unwrap_or(0);
    let mut module = path[..depth].to_vec();
    if let Some(name) = path.get(depth) {
        while let Some(child) = re_exported(&modules[&module]).remove(name) {
            let inside = [&module[..], &[child]].concat();
            if !modules.contains_key(&inside) {
                break;
            }
            module = inside;
        }
    }
    module
}

/// Which modules each module imports.
fn arrows() -> BTreeMap<Module, BTreeSet<Module>> {
    let modules = modules();
    let arrows = |(module, code): (&Module, &syn::File)| {
        let targets = Paths::of(module, code).iter().map(|path| target(path, &modules)).collect();
        (module.clone(), targets)
    };
    modules.iter().filter(|(module, _)| !module.is_empty()).map(arrows).collect()
}

#[test]
fn every_room_imports_only_what_the_map_allows() {
    let map = map();
    for (module, targets) in arrows() {
        let allowed = map.get(&module[0]).unwrap_or_else(|| panic!("{} is not on the map in src/lib.rs", module[0]));
        for target in targets.iter().filter(|target| !target.is_empty() && target[0] != module[0]) {
            let named = |length: usize| allowed.contains(&target[..length.min(target.len())].join("::"));
            let (from, to) = (module.join("::"), target.join("::"));
            assert!(named(1) || named(2), "{from} may not import {to}: see the map in src/lib.rs");
        }
    }
}

#[test]
fn the_map_shows_every_room_and_no_other_and_its_arrows_go_up_alone() {
    let map = map();
    let there: BTreeSet<String> =
        modules().into_keys().filter(|module| module.len() == 1).map(|m| m[0].clone()).collect();
    assert_eq!(map.keys().cloned().collect::<BTreeSet<_>>(), there);
    let doc = fs::read_to_string(source().join("lib.rs")).unwrap();
    let floor = |room: &str| doc.find(&format!("//! | [`{}`]", room.split("::").next().unwrap())).unwrap();
    for (room, imports) in &map {
        for import in imports {
            assert!(floor(import) < floor(room), "{room} stands above {import} on the map, which it imports");
        }
    }
}

/// The parts of a top-level module are its child modules, each of which may have several files.
#[test]
fn no_two_parts_of_the_house_import_each_other_in_a_circle() {
    let part = |module: &Module| module[..module.len().min(2)].to_vec();
    let mut parts: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, targets) in arrows() {
        let from = part(&module);
        // The parts may use what their parent's mod.rs itself defines: a circle through it stays inside the parent.
        let targets =
            targets.iter().filter(|target| target.len() > 1).map(part).filter(|to| *to != from && from.len() > 1);
        parts.entry(from.clone()).or_default().extend(targets);
    }
    let mut left = parts.clone();
    while let Some(free) =
        left.iter().find(|(_, to)| to.iter().all(|to| !left.contains_key(to))).map(|(p, _)| p.clone())
    {
        left.remove(&free);
    }
    let circles: Vec<String> = left
        .iter()
        .map(|(from, to)| {
            let to: Vec<String> = to.iter().filter(|to| left.contains_key(*to)).map(|to| to.join("::")).collect();
            format!("{} → {}", from.join("::"), to.join(", "))
        })
        .collect();
    assert!(circles.is_empty(), "these lie on a circle or lead to one:\n{}", circles.join("\n"));
}

#[test]
fn whoever_learns_knows_no_terminal_and_no_channel() {
    let folders = LEARNING.map(|room| source().join(room));
    let mut files: Vec<PathBuf> = folders.to_vec();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let code = fs::read_to_string(&path).unwrap();
        for foreign in ["mpsc", "crossterm", "ratatui", "println!"] {
            assert!(!code.contains(foreign), "{} knows of {foreign}", path.display());
        }
    }
}
