//! Processes that all tests of a run share, because they take long to start.
//!
//! nextest runs each test in a process of its own. The first that needs something starts it and writes
//! down where it is; the others find that written. It ends with nextest itself, however that ends, so
//! neither a test that leaves nor one that is killed takes it from the others. Without nextest, a run
//! is the one process that the tests are threads of.

use std::{
    env, fs,
    io::{self, BufRead, BufReader},
    os::unix::process::{CommandExt, parent_id},
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

/// Gives the command after it a standard input that ends with process `$1`, and removes the folder
/// `$2` when nobody is left to ask for it. The command alone has the standard output, so that its end
/// is seen there.
const KEEPER: &str = r#"
owner=$1 folder=$2
shift 2
exec 3>&1 >/dev/null
(exec 3>&-; while kill -0 "$owner" 2>/dev/null; do sleep 0.5; done) | "$@" >&3 3>&- &
exec 3>&-
wait
rm -rf "$folder"
rmdir "$(dirname "$folder")" 2>/dev/null
"#;

/// What has to be started.
pub(crate) struct Start {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
}

/// What `name` said in one line when it was ready: said now, or to a test before this one. It is
/// started by what `how` makes of its folder, says one line on standard output and no second one, and
/// ends when its standard input does. Blocks until then.
pub(crate) fn shared(
    name: &str,
    how: impl FnOnce(&Path) -> io::Result<Start>,
) -> io::Result<String> {
    let (run, owner) = run();
    let folder = env::temp_dir()
        .join(format!("gatefold-run-{run}"))
        .join(name);
    fs::create_dir_all(&folder)?;
    let lock = fs::File::create(folder.join("lock"))?;
    lock.lock()?;
    let ready = folder.join("ready");
    if let Ok(said) = fs::read_to_string(&ready) {
        return Ok(said);
    }
    let said = start(&how(&folder)?, owner, &folder)?;
    fs::write(&ready, &said)?;
    Ok(said)
}

fn start(what: &Start, owner: u32, folder: &Path) -> io::Result<String> {
    let log = folder.join("log");
    let mut keeper = Command::new("sh")
        .args(["-c", KEEPER, "sh", &owner.to_string()])
        .arg(folder)
        .arg(&what.program)
        .args(&what.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(&log)?)
        // A test that is ended for its slowness is ended together with its group.
        .process_group(0)
        .spawn()?;
    let mut said = String::new();
    if let Some(output) = keeper.stdout.take() {
        BufReader::new(output).read_line(&mut said)?;
    }
    if said.ends_with('\n') {
        Ok(said.trim_end().to_owned())
    } else {
        let log = fs::read_to_string(log).unwrap_or_default();
        let program = what.program.display();
        Err(io::Error::other(format!(
            "{program} ended before it was ready: {log}"
        )))
    }
}

/// The name of the run, and the process that it ends with.
#[expect(
    clippy::disallowed_methods,
    reason = "nextest tells tests in this way which run they are part of"
)]
fn run() -> (String, u32) {
    match env::var("NEXTEST_RUN_ID") {
        Ok(run) => (run, parent_id()),
        Err(_) => (process::id().to_string(), process::id()),
    }
}

/// A path of the clone, which needs what `./test` installs.
pub(crate) fn installed(folder: &str) -> io::Result<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(folder);
    if path.join("node_modules").exists() {
        Ok(path)
    } else {
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("the modules of {folder} are not installed: `./test` does that"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_test_finds_what_the_first_has_started() -> io::Result<()> {
        let say = |words: &'static str| {
            move |_: &Path| {
                Ok(Start {
                    program: "sh".into(),
                    arguments: vec!["-c".into(), format!("echo {words}; cat")],
                })
            }
        };
        assert_eq!(shared("first-said", say("here I am"))?, "here I am");
        assert_eq!(shared("first-said", say("never asked"))?, "here I am");
        Ok(())
    }

    #[test]
    fn what_does_not_start_is_reported_with_its_reason() {
        let fails = |_: &Path| {
            Ok(Start {
                program: "sh".into(),
                arguments: vec!["-c".into(), "echo no room >&2; exit 3".into()],
            })
        };
        let error = shared("never-ready", fails).expect_err("nothing was said");
        assert!(error.to_string().contains("no room"), "{error}");
    }
}
