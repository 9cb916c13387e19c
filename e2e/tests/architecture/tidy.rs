//! How the workspace looks: small rules that a reviewer should not have to remember.

use std::collections::BTreeSet;
use std::fs;

use crate::workspace::{self, File, Result};

/// A file longer than this does more than one thing.
const MOST_LINES: usize = 600;

/// Words that promise later work; each must name the issue that keeps the promise: `(#12)`. Put
/// together here so that this file does not contain them.
const PROMISES: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// What a crate inherits, as the lines that its manifest must contain under a heading.
const INHERITED: [(&str, &str); 4] = [
    ("[package]", "license.workspace = true"),
    ("[package]", "rust-version.workspace = true"),
    ("[package]", "publish.workspace = true"),
    ("[lints]", "workspace = true"),
];

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extensions.contains(&extension))
}

/// What is wrong with one file, each with its line where it has one.
fn untidy(file: &File) -> Vec<String> {
    let File { path, text } = file;
    let mut wrong = Vec::new();
    if has_extension(path, &["rs"]) && !text.starts_with("//! ") {
        wrong.push(format!(
            "{path}: begins with a `//!` comment that says what the module is for"
        ));
    }
    let lines = text.lines().count();
    if has_extension(path, &["rs", "js", "mjs", "sh"]) && lines > MOST_LINES {
        wrong.push(format!(
            "{path}: {lines} lines; above {MOST_LINES} a file does more than one thing and wants \
             to be several"
        ));
    }
    for (number, line) in (1..).zip(text.lines()) {
        for promise in PROMISES.into_iter().filter(|word| promises(line, word)) {
            wrong.push(format!(
                "{path}:{number}: {promise} names no issue: write {promise}(#12), or do it"
            ));
        }
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
            wrong.push(format!("{path}:{number}: a merge was not finished"));
        }
    }
    wrong
}

/// Does this line contain the word, whole, without an issue after it?
fn promises(line: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut before = None;
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once(word) {
        let left = head.chars().next_back().or(before);
        let whole = !left.is_some_and(in_word) && !tail.starts_with(in_word);
        let issue = tail
            .strip_prefix("(#")
            .and_then(|tail| tail.split_once(')'));
        let named = issue.is_some_and(|(digits, _)| {
            !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
        });
        if whole && !named {
            return true;
        }
        before = word.chars().next_back();
        rest = tail;
    }
    false
}

/// Which of the inherited lines a manifest lacks.
fn not_inherited(manifest: &str) -> Vec<&'static str> {
    let mut heading = "";
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            heading = line;
        }
        found.push((heading, line));
    }
    INHERITED
        .into_iter()
        .filter(|wanted| !found.contains(wanted))
        .map(|(_, line)| line)
        .collect()
}

#[test]
fn every_file_is_tidy() -> Result {
    let files = workspace::files()?;
    assert!(
        files
            .iter()
            .any(|file| file.path == "crates/gatefold/src/main.rs"),
        "the command's own source was not found: the reader is broken"
    );
    let wrong: Vec<String> = files.iter().flat_map(untidy).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn a_crate_is_named_like_its_folder_and_inherits() -> Result {
    let mut wrong = Vec::new();
    let root = workspace::root();
    for package in workspace::metadata()?.workspace_packages() {
        let folder = package
            .manifest_path
            .parent()
            .ok_or("a manifest in no folder")?;
        let inside = folder.strip_prefix(root.to_string_lossy().as_ref())?;
        let expected = match inside.as_str() {
            "e2e" | "bench" => format!("gatefold-{inside}"),
            crates => crates.strip_prefix("crates/").unwrap_or(crates).to_owned(),
        };
        if package.name != expected {
            wrong.push(format!("{inside} holds {}, not {expected}", package.name));
        }
        for line in not_inherited(&fs::read_to_string(&package.manifest_path)?) {
            wrong.push(format!("{inside}/Cargo.toml lacks `{line}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn the_code_map_names_every_crate() -> Result {
    let map = fs::read_to_string(workspace::root().join("ARCHITECTURE.md"))
        .map_err(|error| format!("ARCHITECTURE.md: {error}"))?;
    // A name inside a longer one does not count.
    let named = |name: &str| {
        map.split(|c: char| !(c.is_alphanumeric() || c == '-'))
            .any(|word| word == name)
    };
    for name in workspace::crates(&workspace::metadata()?) {
        // The two beside crates/ go by their folders.
        let folder = match name.as_str() {
            "gatefold-e2e" => "e2e",
            "gatefold-bench" => "bench",
            other => other,
        };
        assert!(
            named(&name) || named(folder),
            "ARCHITECTURE.md does not say what {name} is for"
        );
    }
    Ok(())
}

/// The crates from outside that the root manifest allows.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#') && !line.contains("path = "))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().to_owned())
        .collect()
}

/// The crates that the record's tables give a reason for: the first cell of each row.
fn recorded(record: &str) -> BTreeSet<String> {
    record
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|row| row.split_once(" |"))
        .flat_map(|(names, _)| names.split(", "))
        .filter(|name| *name != "crate")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_dependency_has_its_reason() -> Result {
    let root = workspace::root();
    let dependencies = dependencies(&fs::read_to_string(root.join("Cargo.toml"))?);
    assert!(
        dependencies.contains("cargo_metadata"),
        "this test's own dependency was not found: the reader is broken"
    );
    let recorded = recorded(&fs::read_to_string(
        root.join("docs/adr/0003-dependencies.md"),
    )?);
    let silent: Vec<_> = dependencies.difference(&recorded).collect();
    let gone: Vec<_> = recorded.difference(&dependencies).collect();
    assert!(
        silent.is_empty() && gone.is_empty(),
        "docs/adr/0003-dependencies.md: no reason for {silent:?}; no longer used: {gone:?}"
    );
    Ok(())
}

/// The rules themselves, shown tidy and untidy things.
mod rules {
    use super::{
        File, MOST_LINES, PROMISES, dependencies, not_inherited, promises, recorded, untidy,
    };

    fn complaints(path: &str, text: &str) -> Vec<String> {
        untidy(&File {
            path: path.to_owned(),
            text: text.to_owned(),
        })
    }

    #[test]
    fn a_source_file_says_what_it_is_for() {
        assert_eq!(complaints("a.rs", "//! Why.\n"), [""; 0]);
        assert_eq!(complaints("a.rs", "use std::fs;\n").len(), 1);
        assert_eq!(complaints("a.md", "# Title\n"), [""; 0]);
    }

    #[test]
    fn a_source_file_has_its_length() {
        let text = |lines: usize| format!("//! Long.\n{}", "\n".repeat(lines.saturating_sub(1)));
        assert_eq!(complaints("a.rs", &text(MOST_LINES)), [""; 0]);
        assert_eq!(
            complaints("a.rs", &text(MOST_LINES.saturating_add(1))).len(),
            1
        );
    }

    #[test]
    fn a_promise_names_its_issue() {
        for word in PROMISES {
            assert!(promises(&format!("// {word}: later"), word));
            assert!(promises(&format!("// {word}"), word));
            assert!(promises(&format!("// {word}(someone) later"), word));
            assert!(promises(&format!("// {word}(#) later"), word));
            assert!(promises(&format!("// {word}(#1) and {word} again"), word));
            assert!(!promises(&format!("// {word}(#12): later"), word));
            assert!(!promises(&format!("mktemp {word}{word}"), word));
            assert!(!promises("nothing is promised", word));
        }
    }

    #[test]
    fn an_unfinished_merge_is_reported() {
        let marker = "<".repeat(7);
        assert_eq!(
            complaints("a.md", &format!("one\n{marker} HEAD\n")).len(),
            1
        );
    }

    #[test]
    fn a_manifest_that_inherits_nothing_is_reported() {
        let whole = "[package]\nlicense.workspace = true\nrust-version.workspace = true\n\
                     publish.workspace = true\n\n[lints]\nworkspace = true\n";
        assert_eq!(not_inherited(whole), [""; 0]);
        let elsewhere = whole.replace("[lints]", "[dependencies]");
        assert_eq!(not_inherited(&elsewhere), ["workspace = true"]);
        assert_eq!(not_inherited("[package]\n").len(), 4);
    }

    #[test]
    fn dependencies_are_read_from_manifest_and_record() {
        let manifest = "[workspace.dependencies]\nours = { path = \"crates/ours\" }\n\n\
                        # Why.\nhttp = \"1\"\nhttp-body = { version = \"1\" }\n\n\
                        [workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
        let record = "| crate | why |\n|---|---|\n| http, http-body | types |\n";
        let both = ["http".to_owned(), "http-body".to_owned()];
        assert_eq!(dependencies(manifest), both.clone().into());
        assert_eq!(recorded(record), both.into());
    }
}
