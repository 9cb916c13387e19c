//! A real browser: headless Chromium, driven through chromedriver, both ended with the test.

use std::{
    fmt::Display,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{self, MissedTickBehavior};

use crate::{Result, webdriver::Session};

/// How to get what is missing.
const INSTALL: &str = "this test drives a real browser: install it, for example with `apt-get install chromium chromium-driver`";

/// How long an event may take that is waited for. Generous: a busy machine fails no test.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often it is asked whether the event has come.
const PULSE: Duration = Duration::from_millis(50);

/// How often the driver may find its port taken.
const PORTS_TRIED: u32 = 5;

const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
];

/// A browser with one window.
pub struct Browser {
    /// The driver's session, for what this type has no method for.
    pub session: Session,
    _processes: Processes,
}

impl Browser {
    /// Starts a browser that nobody has used before.
    ///
    /// # Errors
    /// When Chromium or its driver is missing or does not start.
    pub async fn start() -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let mut processes = Processes::start(profile)?;
        let data = format!("--user-data-dir={}", processes.profile.path().display());
        let flags: Vec<_> = FLAGS.iter().copied().chain([data.as_str()]).collect();
        let wishes = json!({ "goog:chromeOptions": { "args": flags } });
        let session = Session::begin(processes.port, wishes)
            .await
            .map_err(|error| format!("Chromium does not start ({error}); {INSTALL}"))?;
        processes.browser = session
            .capabilities
            .get("goog:processID")
            .and_then(Value::as_u64);
        Ok(Self {
            session,
            _processes: processes,
        })
    }

    /// Runs a script in the page; gives what it returns.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.session.execute(script, arguments).await
    }

    /// What an expression is worth in the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn value(&self, expression: &str) -> Result<Value> {
        self.run(&format!("return ({expression});"), Vec::new())
            .await
    }

    /// A number in the page.
    ///
    /// # Errors
    /// When it is not one.
    pub async fn number(&self, expression: &str) -> Result<f64> {
        let value = self.value(expression).await?;
        let number = value.as_f64();
        number.ok_or_else(|| format!("{expression} is {value}").into())
    }

    /// A text in the page.
    ///
    /// # Errors
    /// When it is not one.
    pub async fn text(&self, expression: &str) -> Result<String> {
        let value = self.value(expression).await?;
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| format!("{expression} is {value}").into())
    }

    /// Waits until an expression is true in the page.
    ///
    /// # Errors
    /// When it has not become true after a long time.
    pub async fn until(&self, expression: &str) -> Result {
        let mut pulse = time::interval(PULSE);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let come = async {
            loop {
                pulse.tick().await;
                if self.value(&format!("Boolean({expression})")).await? == true {
                    return Ok(());
                }
            }
        };
        match time::timeout(PATIENCE, come).await {
            Ok(come) => come,
            Err(_) => Err(self.give_up(&expression).await),
        }
    }

    async fn give_up(&self, expression: &impl Display) -> crate::Error {
        let page = self.text("document.body.innerText").await;
        let page = page.unwrap_or_else(|error| error.to_string());
        format!("waited in vain for {expression}; the page says:\n{page}").into()
    }
}

/// The driver and its browser. Both are ended when this is dropped, a panic included.
struct Processes {
    driver: Child,
    port: u16,
    /// The driver says there what it does; it ends when nobody listens.
    _output: BufReader<ChildStdout>,
    browser: Option<u64>,
    profile: TempDir,
}

impl Processes {
    /// Starts a driver on a free port.
    fn start(profile: TempDir) -> Result<Self> {
        // The driver takes a free port of IPv6 and then the same one of IPv4, which by then somebody
        // else may have: it ends at once, before there is anything to test with.
        for _ in 0..PORTS_TRIED {
            if let Some((driver, output, port)) = launch(&profile)? {
                return Ok(Self {
                    driver,
                    port,
                    _output: output,
                    browser: None,
                    profile,
                });
            }
        }
        Err("chromedriver ended before it said where it listens".into())
    }
}

/// Starts the driver; nothing when it found no port.
fn launch(profile: &TempDir) -> Result<Option<(Child, BufReader<ChildStdout>, u16)>> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        // What the two leave behind goes with the profile.
        .env("TMPDIR", profile.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("there is no chromedriver; {INSTALL}"),
            _ => format!("chromedriver does not start: {error}"),
        })?;
    let output = driver.stdout.take().ok_or("chromedriver has no output")?;
    let mut output = BufReader::new(output);
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            let port = port.trim().trim_end_matches('.').parse()?;
            return Ok(Some((driver, output, port)));
        }
        line.clear();
    }
    driver.wait()?;
    Ok(None)
}

impl Processes {
    /// Asks the driver to end its browser and itself, and waits until it has.
    fn ask_to_end(&self) -> io::Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(b"GET /shutdown HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let has_ended = self.ask_to_end().is_ok();
        // A driver that is ended by force leaves its browser running.
        if let Some(browser) = self.browser.filter(|_| !has_ended) {
            let _ = Command::new("kill")
                .args(["-KILL", &browser.to_string()])
                .status();
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
