//! `gatefold list`: which tracks there are.

use clap::Args;
use gatefold_client::{Filter, Page, Track};
use serde::Serialize;

use super::{
    Error, output,
    remote::{
        Connection, RemoteError, day,
        table::{Column, Table, output_width},
        words::gate_of,
    },
};

/// What `gatefold list` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Your own tracks, drafts too
    #[arg(long, conflicts_with_all = ["artist", "tag"])]
    mine: bool,
    /// Those of this artist: a handle or a DID
    #[arg(long, value_name = "ARTIST")]
    artist: Option<String>,
    /// Those with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// How many, the newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Go on where another list ended, with what it said
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Listed {
    server: String,
    tracks: Vec<Track>,
    /// What to go on with; nothing, when these are the last.
    next_cursor: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let most = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let cursor = arguments.cursor.as_deref();
    let (remote, page) = if arguments.mine {
        let offset = match cursor {
            None => 0,
            Some(cursor) => cursor.parse().map_err(|_| {
                RemoteError::Usage("a cursor of your own tracks is a number".to_owned())
            })?,
        };
        let remote = arguments.connection.open_signed_in()?;
        let page = remote.run(async |client| Ok(client.own_tracks(most, offset).await?))?;
        (remote, page)
    } else {
        let remote = arguments.connection.open()?;
        let page = remote.run(async |client| {
            let mut filter = Filter {
                tag: arguments.tag.clone(),
                ..Filter::default()
            };
            if let Some(artist) = &arguments.artist {
                filter.artist_did = Some(client.artist(artist).await?);
            }
            Ok(client.tracks(&filter, most, cursor).await?)
        })?;
        (remote, page)
    };
    if arguments.json {
        return Ok(output::json(&Listed {
            server: remote.client.server().to_string(),
            tracks: page.tracks,
            next_cursor: page.next,
        })?);
    }
    Ok(output::print(&text(&page, arguments.mine, output_width()))?)
}

/// The list for people.
fn text(page: &Page, mine: bool, width: Option<usize>) -> String {
    if page.tracks.is_empty() {
        let text = if mine {
            "You have no tracks here yet. `gatefold upload FILE` makes one of a file.\n"
        } else {
            "There are no such tracks here.\n"
        };
        return text.to_owned();
    }
    let mut text = if mine {
        own(&page.tracks, width)
    } else {
        everybodys(&page.tracks, width)
    };
    if let Some(next) = &page.next {
        let more = format!("There are more: --cursor {}\n", output::plain(next));
        text.push_str(&more);
    }
    text
}

fn everybodys(tracks: &[Track], width: Option<usize>) -> String {
    let mut table = Table::new([
        Column::number("ID"),
        Column::text("TITLE"),
        Column::text("ARTIST"),
        Column::number("LENGTH"),
        Column::of("FOR"),
        Column::of("ADDED"),
    ]);
    for track in tracks {
        table.push([
            track.id.to_string(),
            track.title.clone(),
            track.artist.clone(),
            length(track.duration),
            gate_of(track).to_owned(),
            track.created_at.as_deref().map_or("", day).to_owned(),
        ]);
    }
    table.render(width)
}

fn own(tracks: &[Track], width: Option<usize>) -> String {
    let mut table = Table::new([
        Column::number("ID"),
        Column::text("TITLE"),
        Column::number("LENGTH"),
        Column::of("FOR"),
        Column::of("SHOWN"),
        Column::of("ADDED"),
        Column::of(""),
    ]);
    for track in tracks {
        let progress = if track.is_in_progress() {
            "in progress"
        } else {
            ""
        };
        table.push([
            track.id.to_string(),
            track.title.clone(),
            length(track.duration),
            gate_of(track).to_owned(),
            track.visibility.clone().unwrap_or_default(),
            track.created_at.as_deref().map_or("", day).to_owned(),
            progress.to_owned(),
        ]);
    }
    table.render(width)
}

/// How long something plays: `3:05`, `1:02:03`.
fn length(seconds: Option<f64>) -> String {
    // Anything longer than an hour of hours is no length.
    let Some(seconds) = seconds.filter(|seconds| (0.0..1e7).contains(seconds)) else {
        return String::new();
    };
    let seconds: u64 = format!("{seconds:.0}").parse().unwrap_or(0);
    let (minutes, seconds) = (seconds.div_euclid(60), seconds.rem_euclid(60));
    match (minutes.div_euclid(60), minutes.rem_euclid(60)) {
        (0, minutes) => format!("{minutes}:{seconds:02}"),
        (hours, minutes) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page() -> Page {
        let track = |id: u64, title: &str, gate: serde_json::Value| {
            serde_json::from_value(json!({
                "id": id, "title": title, "artist": "Ines Quillfeather", "file_id": "f",
                "duration": 61.4, "support_gate": gate, "visibility": "unlisted",
                "created_at": "2026-11-25T08:00:00Z", "gate_state": "in_progress",
            }))
            .unwrap()
        };
        Page {
            tracks: vec![
                track(12, "Night Tram", json!({"type": "any"})),
                track(
                    7,
                    "夜の路面電車が終点に着くまでのながいながい物語と、その続き",
                    json!({"type": "signed_in"}),
                ),
                track(3, "Harbour Lights", json!(null)),
            ],
            next: Some("3".to_owned()),
        }
    }

    #[test]
    fn a_list_fits_eighty_columns() {
        for mine in [false, true] {
            let text = text(&page(), mine, Some(80));
            for line in text.lines() {
                let width = unicode_width::UnicodeWidthStr::width(line);
                assert!(width <= 80, "{width}: {line}");
            }
            assert!(text.contains("12  Night Tram"), "{text}");
            assert!(text.contains("supporters"), "{text}");
            assert!(text.ends_with("There are more: --cursor 3\n"), "{text}");
            assert_eq!(text.contains("in progress"), mine);
        }
    }

    #[test]
    fn lengths_are_said_as_players_do() {
        for (seconds, said) in [
            (Some(0.0), "0:00"),
            (Some(61.4), "1:01"),
            (Some(3723.0), "1:02:03"),
            (Some(-1.0), ""),
            (Some(f64::NAN), ""),
            (Some(f64::INFINITY), ""),
            (None, ""),
        ] {
            assert_eq!(length(seconds), said, "{seconds:?}");
        }
    }
}
