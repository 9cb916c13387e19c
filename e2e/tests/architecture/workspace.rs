//! The workspace as it is: crates, dependencies and files, read from disk.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use crate::arrows::{Edge, Kind};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The folder that holds the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// What cargo knows of the workspace and of everything that it depends on.
pub(crate) fn metadata() -> Result<Metadata> {
    Ok(MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--locked".to_owned()])
        .exec()?)
}

/// The names of the workspace's crates.
pub(crate) fn crates(metadata: &Metadata) -> BTreeSet<String> {
    metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.to_string())
        .collect()
}

/// The dependencies between crates of the workspace, as their manifests declare them.
pub(crate) fn edges(metadata: &Metadata) -> Vec<Edge> {
    let crates = crates(metadata);
    let mut edges = Vec::new();
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            if crates.contains(&dependency.name) {
                edges.push(Edge {
                    from: package.name.to_string(),
                    to: dependency.name.clone(),
                    kind: if dependency.kind == DependencyKind::Development {
                        Kind::Test
                    } else {
                        Kind::Shipped
                    },
                });
            }
        }
    }
    edges
}

/// For every crate, ours or not, what it pulls in itself when it is shipped.
pub(crate) fn shipped(metadata: &Metadata) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let name = |id: &PackageId| {
        metadata
            .packages
            .iter()
            .find(|package| package.id == *id)
            .map(|package| package.name.to_string())
            .ok_or_else(|| format!("{id} is resolved but not described"))
    };
    let resolve = metadata.resolve.as_ref().ok_or("no resolved graph")?;
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in &resolve.nodes {
        // Two versions of a crate share an entry: what one of them pulls in counts for both.
        let pulled = graph.entry(name(&node.id)?).or_default();
        for dependency in &node.deps {
            let kinds = &dependency.dep_kinds;
            if kinds.iter().any(|kind| kind.kind == DependencyKind::Normal) {
                pulled.insert(name(&dependency.pkg)?);
            }
        }
    }
    Ok(graph)
}

/// A text file of the workspace: its path from the root, and what it says.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All text files of the workspace that are written by people. Read from disk and not from git, so
/// that a file is looked at before it is committed.
pub(crate) fn files() -> Result<Vec<File>> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            let inside = path.strip_prefix(&root)?.to_string_lossy().into_owned();
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let hidden = name.starts_with('.') && name != ".ci" && name != ".config";
                let made = ["target", "node_modules"].contains(&name.as_str()) || inside == "data";
                if !hidden && !made {
                    folders.push(path);
                }
            } else if kind.is_file() && name != "Cargo.lock" {
                // What is not text is somebody else's to judge.
                if let Ok(text) = String::from_utf8(fs::read(&path)?) {
                    found.push(File { path: inside, text });
                }
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
