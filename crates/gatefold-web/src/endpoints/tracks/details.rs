//! What a form says of a track.

use gatefold_app::{
    fields::{self, Policy},
    studio::Change,
    tracks::Edit,
    uploads::Details,
};
use gatefold_domain::{Handle, Visibility, text::is_line};

use crate::{error::Problem, multipart::Fields, state::WebState};

/// The longest name of a file that a track is called by, in characters.
const LONGEST_NAME: usize = 256;

/// What a form says of a new track.
pub(super) async fn of_new(
    state: &WebState,
    fields: &Fields,
    file_name: Option<String>,
) -> Result<Details, Problem> {
    let text = |name| fields.get(name).filter(|text| !text.trim().is_empty());
    let policy = text("publishing").map(fields::publishing).transpose()?;
    let gate = text("support_gate").map(fields::support_gate).transpose()?;
    let gates = [policy.map(|policy| policy.gate), gate];
    let gate = gates.into_iter().flatten().reduce(fields::stricter);
    let title = text("title").map(fields::title).transpose()?;
    let album = text("album").map(fields::album).transpose()?.flatten();
    let description = text("description").map(fields::description).transpose()?;
    let tags = text("tags").map(fields::tags).transpose()?;
    let handles = text("features").map(fields::features).transpose()?;
    let visibility = text("visibility").map(fields::visibility).transpose()?;
    let downloads = text("downloads").map(fields::downloads).transpose()?;
    let usual = Details::default();
    Ok(Details {
        title: title.map(str::to_owned),
        file_name: file_name.filter(|name| is_line(name, LONGEST_NAME)),
        description: description.flatten().map(str::to_owned),
        album: album.map(str::to_owned),
        tags: tags.unwrap_or_default(),
        gate: gate.unwrap_or(usual.gate),
        visibility: narrower(policy, visibility).unwrap_or(usual.visibility),
        downloads: downloads.or(policy.map(|policy| policy.downloads)),
        features: named(state, handles.unwrap_or_default()).await?,
    })
}

/// What a form changes of a track.
pub(super) async fn of_change(state: &WebState, fields: &Fields) -> Result<Change, Problem> {
    let text = |name| fields.get(name);
    let edit = |read: Option<Option<&str>>| match read {
        None => Edit::Keep,
        Some(None) => Edit::Clear,
        Some(Some(text)) => Edit::Set(text.to_owned()),
    };
    let policy = text("publishing").map(fields::publishing).transpose()?;
    let gate = text("support_gate").map(fields::support_gate).transpose()?;
    let gates = [policy.map(|policy| policy.gate), gate];
    let visibility = text("visibility").map(fields::visibility).transpose()?;
    let downloads = text("downloads").map(fields::downloads).transpose()?;
    let downloads = downloads.or(policy.map(|policy| policy.downloads));
    let handles = text("features").map(fields::features).transpose()?;
    let features = match handles {
        Some(handles) => Some(named(state, handles).await?),
        None => None,
    };
    Ok(Change {
        title: text("title")
            .map(fields::title)
            .transpose()?
            .map(str::to_owned),
        description: edit(text("description").map(fields::description).transpose()?),
        album: edit(text("album").map(fields::album).transpose()?),
        tags: text("tags").map(fields::tags).transpose()?,
        features,
        gate: gates.into_iter().flatten().reduce(fields::stricter),
        visibility: narrower(policy, visibility),
        downloads: downloads.map_or(Edit::Keep, Edit::Set),
        image: None,
    })
}

/// The narrower of what a policy and a field of its own say.
fn narrower(policy: Option<Policy>, visibility: Option<Visibility>) -> Option<Visibility> {
    let rank = |shown| Visibility::ALL.iter().position(|known| *known == shown);
    let said = [policy.map(|policy| policy.visibility), visibility];
    said.into_iter().flatten().max_by_key(|shown| rank(*shown))
}

async fn named(
    state: &WebState,
    handles: Vec<Handle>,
) -> Result<Vec<gatefold_app::accounts::Feature>, Problem> {
    if handles.is_empty() {
        return Ok(Vec::new());
    }
    Ok(state.accounts.named(&handles).await?)
}
