//! An edge that is killed while it fills its disk.

use gatefold_e2e::{Result, torture};

#[tokio::test]
async fn an_edge_that_was_killed_serves_what_is_right() -> Result {
    torture::kill_while_it_fills(25).await
}

#[tokio::test]
async fn a_cache_that_was_damaged_is_not_believed() -> Result {
    torture::damage_what_is_kept().await
}
