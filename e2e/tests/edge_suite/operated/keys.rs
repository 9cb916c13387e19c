//! Keys that change while an edge runs.

use std::fs;

use gatefold_e2e::{
    Result,
    edge::Stand,
    keys::LONGEST,
    process::eventually,
    subject::{Kind, window_since},
};

use crate::shared::assert_refused;

#[tokio::test]
async fn a_keyring_counts_from_its_reload_on() -> Result {
    let mut stand = Stand::start(Kind::Folder)?;
    let (subject, edge) = (&stand.subject, &mut stand.edge);
    let window = window_since(60, LONGEST)?;
    let seal = |by: &_| subject.seal(by, "small.wav", subject.kind.client(), window);
    let old = seal(&subject.keys.minter)?;
    let newcomer = edge.new_minter("newcomer")?;
    let new = seal(&newcomer)?;
    edge.change_keys(&["retire", "minter"])?;
    // Nobody has told the edge.
    assert_eq!(subject.answer(old.get()).await?.status, 200);
    let answer = subject.answer(new.get()).await?;
    assert_refused(&answer, "key", "unknown_minter", "before the reload")?;

    edge.signal("HUP")?;
    edge.says("Read the keyring again: ")?;
    let answer = subject.answer(old.get()).await?;
    assert_refused(&answer, "key", "retired_minter", "after the reload")?;
    assert_eq!(subject.answer(new.get()).await?.status, 200);

    // A new key of the edge, while URLs for the old one are still about; then without these.
    edge.change_keys(&["new", "edge"])?;
    edge.signal("HUP")?;
    edge.says("Read the keyring again: ")?;
    let renewed = edge.new_minter("renewed")?;
    edge.signal("HUP")?;
    edge.says("Read the keyring again: ")?;
    assert_ne!(renewed.edge.id(), newcomer.edge.id());
    for link in [&new, &seal(&renewed)?] {
        assert_eq!(subject.answer(link.get()).await?.status, 200);
    }
    edge.change_keys(&["retire", &newcomer.edge.id().to_string()])?;
    edge.signal("HUP")?;
    edge.says("Read the keyring again: ")?;
    let answer = subject.answer(new.get()).await?;
    assert_refused(&answer, "key", "retired_edge_key", "the old key")?;
    let link = seal(&renewed)?;
    assert_eq!(subject.answer(link.get()).await?.status, 200);

    // What cannot be used changes nothing, and is said.
    fs::write(edge.folder().join("keyring.json"), "broken")?;
    edge.signal("HUP")?;
    eventually(|| {
        let log = edge.log()?;
        let is_told = log.contains("the keyring is as it was");
        is_told.then_some(()).ok_or_else(|| log.into())
    })
    .await?;
    assert_eq!(subject.answer(link.get()).await?.status, 200);
    Ok(())
}
