//! A configuration of a few settings, written and miswritten in every way.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::PathBuf};

use super::*;
use crate::config::{Secret, Size, reference, show};

struct Shop {
    name: String,
    token: Option<Secret>,
    cache: Cache,
}

impl Default for Shop {
    fn default() -> Self {
        Self {
            name: "corner".to_owned(),
            token: None,
            cache: Cache::default(),
        }
    }
}

impl Section for Shop {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.section("shop", &mut Inner(self), "The shop.");
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        if self.cache.folder.is_none() && self.cache.memory == Size::mib(2) {
            wrong.field("shop.cache.memory", "two need a folder: set folder");
        }
    }
}

/// The settings below `[shop]`.
struct Inner<'a>(&'a mut Shop);

impl Section for Inner<'_> {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field("name", &mut self.0.name, "What it is called | known as.");
        on.secret("token", &mut self.0.token, "Who may in.");
        on.section("cache", &mut self.0.cache, "What it keeps.");
    }
}

struct Cache {
    memory: Size,
    folder: Option<PathBuf>,
    doors: BTreeMap<String, u16>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            memory: Size::mib(1),
            folder: None,
            doors: BTreeMap::new(),
        }
    }
}

impl Section for Cache {
    fn fields(&mut self, on: &mut Fields<'_>) {
        let range = Size::mib(1)..=Size::gib(1);
        on.ranged("memory", &mut self.memory, range, "How much.");
        on.field("folder", &mut self.folder, "Where.");
        on.field("doors", &mut self.doors, "Which.");
    }
}

fn sources(toml: &str, variables: &[(&str, &str)]) -> Result<Sources, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.toml");
    fs::write(&path, toml).unwrap();
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Sources::new(Environment::of(variables)).with_file(&path, true)
}

fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Loaded<Shop>, ConfigError> {
    sources(toml, variables)?.load()
}

/// What is said of a configuration that is wrong, a line for each thing, without the folder.
fn said(toml: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let error = load(toml, variables).map(drop).unwrap_err().to_string();
    let bare = |line: &str| match line.split_once("/shop.toml") {
        Some((_, rest)) => format!("shop.toml{rest}"),
        None => line.to_owned(),
    };
    error.lines().map(bare).collect()
}

#[test]
fn nothing_said_is_the_defaults() {
    let shop = load("", &[]).unwrap();
    assert_eq!(shop.config.name, "corner");
    assert_eq!(shop.config.cache.memory, Size::mib(1));
    assert!(shop.places.is_empty());
}

#[test]
fn options_override_variables_and_these_override_the_file() {
    let toml = "[shop]\nname = \"file\"\n[shop.cache]\nmemory = \"3 MiB\"\nfolder = \"a\"\ndoors = { front = 1 }";
    let variables = [
        ("GATEFOLD_SHOP_NAME", "variable"),
        ("GATEFOLD_SHOP_CACHE_FOLDER", ""),
    ];
    let shop = load(toml, &variables).unwrap();
    assert_eq!(shop.config.name, "variable");
    assert_eq!(shop.config.cache.memory, Size::mib(3));
    assert_eq!(shop.config.cache.folder, None);
    assert_eq!(shop.config.cache.doors, [("front".to_owned(), 1)].into());
    let place = shop.places.get("shop.cache.memory").unwrap().to_string();
    assert!(place.ends_with("shop.toml:4"), "{place}");

    let sources = sources(toml, &variables).unwrap();
    let shop: Loaded<Shop> = sources
        .with_option("shop.name", "--name", "option".to_owned())
        .load()
        .unwrap();
    assert_eq!(shop.config.name, "option");
}

#[test]
fn everything_wrong_is_told_at_once_with_its_place() {
    let toml = "colour = 1\n[shop]\nname = 5\n[shop.cache]\nmemory = \"2 GiB\"\nmemroy = 1\nfolder = 2.5\n[other]\n";
    assert_eq!(
        said(
            toml,
            &[
                ("GATEFOLD_SHOP_CACHE_DOORS", "x"),
                ("GATEFOLD_SHOP_COLOUR", "red")
            ]
        ),
        [
            "shop.toml:3: shop.name: this is a number; write text between quotation marks",
            "shop.toml:5: shop.cache.memory: \"2 GiB\" is out of range: from \"1 MiB\" to \"1 GiB\"",
            "shop.toml:7: shop.cache.folder: this is a decimal number; write a path between quotation marks",
            "the variable GATEFOLD_SHOP_CACHE_DOORS: shop.cache.doors: write name=value,name=value",
            "shop.toml:1: colour: there is no such setting here; there are shop",
            "shop.toml:8: other: there is no such setting here; there are shop",
            "shop.toml:6: shop.cache.memroy: there is no such setting here; there are doors, folder, memory",
            "GATEFOLD_SHOP_COLOUR: no setting has this variable; the reference lists them all, and each is GATEFOLD_ with the setting's name",
        ]
    );
}

#[test]
fn each_other_mistake_is_told() {
    for (toml, expected) in [
        ("[shop", "shop.toml:1: "),
        ("\n\na = 1\na = 2", "shop.toml:4: duplicate key"),
        (
            "shop = 3",
            "shop.toml:1: shop: this is a section: write [shop]",
        ),
        (
            "[shop.cache]\nmemory = \"2 MiB\"",
            "shop.toml:2: shop.cache.memory: two need a folder: set folder",
        ),
        (
            "[shop]\ntoken = 1",
            "shop.toml:2: shop.token: this is a number; write the secret",
        ),
    ] {
        let said = said(toml, &[]);
        assert!(
            said.len() == 1 && said[0].starts_with(expected),
            "{toml}: {said:?}"
        );
    }
    let nowhere = Sources::new(Environment::default()).with_file("/nowhere.toml".as_ref(), true);
    assert!(nowhere.err().unwrap().to_string().contains("--config"));
    Sources::new(Environment::default())
        .with_file("/nowhere.toml".as_ref(), false)
        .unwrap();
}

#[test]
fn variables_of_others_are_none_of_its_business() {
    load(
        "",
        &[
            ("GATEFOLD_LOG", "info"),
            ("HOME", "/"),
            ("GATEFOLD_SHOPPING", "x"),
        ],
    )
    .unwrap();
}

#[test]
fn a_secret_is_given_or_in_a_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "from file\n").unwrap();
    let file = path.to_str().unwrap();
    let in_file = [("GATEFOLD_SHOP_TOKEN_FILE", file)];
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(said("", &in_file)[0].contains("chmod 600"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();

    let mut shop = load("", &in_file).unwrap();
    assert_eq!(shop.config.token.as_ref().unwrap().expose(), "from file");
    let shown = show(&mut shop.config, &shop.places);
    assert!(
        shown.contains(&format!("token = \"\"\ntoken_file = \"{file}\"")),
        "{shown}"
    );

    let mut shop = load("[shop]\ntoken = \"given\"", &[]).unwrap();
    assert_eq!(shop.config.token.as_ref().unwrap().expose(), "given");
    let shown = show(&mut shop.config, &shop.places);
    assert!(shown.contains("token = \"(hidden)\""), "{shown}");
    assert!(!shown.contains("given"), "{shown}");

    assert!(said("[shop]\ntoken = \"given\"", &in_file)[0].contains("leave one of the two out"));
    fs::write(&path, "\n").unwrap();
    assert!(said("", &in_file)[0].contains("is empty"));
    fs::remove_file(&path).unwrap();
    assert!(said("", &in_file)[0].contains("there is no file"));
}

#[test]
fn what_is_shown_is_read_again() {
    let toml =
        "[shop]\nname = \"a \\\"b\\\"\"\n[shop.cache]\nmemory = \"3 MiB\"\ndoors = { back = 2 }";
    let mut shop = load(toml, &[]).unwrap();
    let shown = show(&mut shop.config, &shop.places);
    let again = load(&shown, &[]).unwrap();
    assert_eq!(again.config.name, shop.config.name);
    assert_eq!(again.config.cache.memory, shop.config.cache.memory);
    assert_eq!(again.config.cache.folder, None);
    assert_eq!(again.config.cache.doors, shop.config.cache.doors);
}

#[test]
fn the_reference_tells_every_setting() {
    assert_eq!(
        reference::<Shop>("# Shop\n"),
        "# Shop\n\n## `[shop]`\n\nThe shop.\n\n\
         | setting | meaning | kind | unless said |\n|---|---|---|---|\n\
         | `name`<br>`GATEFOLD_SHOP_NAME` | What it is called \\| known as. | text | `\"corner\"` |\n\
         | `token`<br>`GATEFOLD_SHOP_TOKEN` | Who may in. | secret | – |\n\
         | `token_file`<br>`GATEFOLD_SHOP_TOKEN_FILE` | A file with it, which only its owner may read. | path | – |\n\
         \n## `[shop.cache]`\n\nWhat it keeps.\n\n\
         | setting | meaning | kind | unless said |\n|---|---|---|---|\n\
         | `memory`<br>`GATEFOLD_SHOP_CACHE_MEMORY` | How much. | size, 1 MiB to 1 GiB | `\"1 MiB\"` |\n\
         | `folder`<br>`GATEFOLD_SHOP_CACHE_FOLDER` | Where. | path | – |\n\
         | `doors`<br>`GATEFOLD_SHOP_CACHE_DOORS` | Which. | table | – |\n"
    );
}
