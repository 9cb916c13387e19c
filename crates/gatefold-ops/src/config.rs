//! Configuration: one TOML file, environment variables over it, command-line options over these.
//!
//! A struct for each concern implements [`Section`]: its `Default` is what holds when nothing is
//! said, [`Section::fields`] names its fields once, and from that one list come the reading, the
//! names of the environment variables, the reference and the listing of what is in force, so that
//! they cannot disagree.
//!
//! ```
//! use std::time::Duration;
//! use gatefold_ops::config::{Environment, Fields, Section, Size, Sources};
//!
//! struct Cache { memory: Size, fresh: Duration }
//!
//! impl Default for Cache {
//!     fn default() -> Self {
//!         Self { memory: Size::mib(64), fresh: Duration::from_secs(30) }
//!     }
//! }
//!
//! impl Section for Cache {
//!     fn fields(&mut self, on: &mut Fields<'_>) {
//!         on.ranged("memory", &mut self.memory, Size::mib(1)..=Size::mib(1024), "How much is kept.");
//!         on.field("fresh", &mut self.fresh, "How long it is trusted.");
//!     }
//! }
//!
//! let variables = [("GATEFOLD_MEMORY".to_owned(), "128 MiB".to_owned())];
//! let sources = Sources::new(Environment::of(variables));
//! let loaded = sources.load::<Cache>()?;
//! assert_eq!(loaded.config.memory, Size::mib(128));
//! assert_eq!(loaded.config.fresh, Duration::from_secs(30));
//! # Ok::<(), gatefold_ops::config::ConfigError>(())
//! ```
//!
//! What is not understood is refused: an unknown key, a value of another kind or out of range, a
//! variable that is spelled wrongly. Everything that is wrong is told at once, each with its file
//! and line or its variable.

mod environment;
mod error;
mod fields;
mod file;
mod given;
mod load;
mod network;
mod render;
mod secret;
mod size;
mod value;

pub use environment::{Environment, variable};
pub use error::{ConfigError, Place, Problem};
pub use fields::{Fields, Section, Wrong};
pub use given::Given;
pub use load::{Loaded, Sources};
pub use network::Network;
pub use render::{reference, show};
pub use secret::Secret;
pub use size::Size;
pub use value::{Parsed, Value};
