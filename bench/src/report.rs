//! What a run found, as tables or as JSON.

mod comparison;
mod setting;

use std::fmt::{self, Write};

use serde::Serialize;

use crate::{matrix::Pairing, memory::Footprints};

pub(crate) use self::{
    comparison::{Comparison, Pair},
    setting::Setting,
};

const IDLE: &str = "\
WARNING: a server was kept waiting, by the load or by other processes on this machine. The tables
per second of the clock say nothing then, and the others may be off either way. See
\"A busy machine\" in bench/README.md.
";

/// Everything that a run found.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) setting: Setting,
    pub(crate) pairings: Vec<Compared>,
    /// Refusals instead of answers.
    pub(crate) flood: Vec<Comparison>,
}

/// What was found of two servers.
#[derive(Serialize)]
pub(crate) struct Compared {
    pub(crate) pairing: Pairing,
    pub(crate) comparisons: Vec<Comparison>,
    pub(crate) memory: Option<Footprints>,
}

impl fmt::Display for Report {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.setting)?;
        for compared in &self.pairings {
            writeln!(to, "\n== {} ==", compared.pairing)?;
            if !compared.comparisons.is_empty() {
                tables(to, &compared.comparisons)?;
            }
            if let Some(memory) = &compared.memory {
                write!(to, "\n{memory}")?;
            }
        }
        if !self.flood.is_empty() {
            writeln!(to, "\n== A flood of invalid tokens: refusals ==")?;
            tables(to, &self.flood)?;
        }
        let speeds = self.pairings.iter().flat_map(|one| &one.comparisons);
        if !speeds.chain(&self.flood).all(Comparison::kept_busy) {
            write!(to, "\n{IDLE}")?;
        }
        Ok(())
    }
}

fn tables(to: &mut fmt::Formatter<'_>, comparisons: &[Comparison]) -> fmt::Result {
    let head = |title: &str| {
        format!(
            "{title}\n{:<20}{:^17}  {:^17}   gatefold / nginx, paired\n{:<20}{:>9} {:>7}  {:>9} {:>7}   \
             median     min   quartiles      max\n",
            "", "gatefold", "nginx", "", "requests", "MB", "requests", "MB"
        )
    };
    to.write_str(&head("Per second of the server's CPU time (decides)"))?;
    for comparison in comparisons {
        let row = comparison.row(
            |figures| figures.requests_per_cpu_second,
            |figures| figures.bytes_per_cpu_second,
            &comparison.cpu_ratio,
        );
        writeln!(to, "{row}")?;
    }
    to.write_char('\n')?;
    to.write_str(&head("Per second of the clock"))?;
    for comparison in comparisons {
        let row = comparison.row(
            |figures| figures.requests_per_second,
            |figures| figures.bytes_per_second,
            &comparison.wall_ratio,
        );
        writeln!(to, "{row}")?;
    }
    writeln!(to, "\nServer at work")?;
    for comparison in comparisons {
        let (ours, theirs) = comparison.busy();
        writeln!(
            to,
            "{:<20}{:>15.0} %  {:>15.0} %",
            comparison.workload,
            ours * 100.0,
            theirs * 100.0,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{comparison::tests::pair, *};
    use crate::{
        matrix::{Against, Kept},
        memory::{Footprint, Footprints},
    };

    #[test]
    fn tables_say_what_was_compared() {
        let comparison = |name| Comparison::of(name, vec![pair(100, 100)]).unwrap();
        let footprint = Footprint {
            gatefold: 6.0,
            nginx: 3.0,
        };
        let report = Report {
            setting: Setting {
                gatefold: "0.1.0".into(),
                nginx: "1.22.1".into(),
                nginx_open_file_cache: false,
                debug_build: true,
                kernel: "Linux 6".into(),
                processor: "a processor".into(),
                cores: 2,
                pinned: None,
                connections: 8,
                rounds: 1,
                seconds: 0.5,
            },
            pairings: vec![Compared {
                pairing: Pairing {
                    kept: Kept::Disk,
                    against: Against::Slice,
                },
                comparisons: vec![comparison("1 KiB range")],
                memory: Some(Footprints {
                    idle: footprint,
                    stalled: footprint,
                }),
            }],
            flood: vec![comparison("unknown key")],
        };
        let table = report.to_string();
        for part in [
            "gatefold 0.1.0",
            "nginx 1.22.1",
            "DEBUG",
            "WARNING",
            "pinned     no",
            "2.00",
            "1 KiB range",
            "slices on disk",
            "stalled",
            "unknown key",
        ] {
            assert!(table.contains(part), "{part} in\n{table}");
        }
        assert!(serde_json::to_string(&report).is_ok());
    }
}
