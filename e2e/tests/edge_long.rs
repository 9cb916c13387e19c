//! What `./test --all` does at length; see the step `long`.

use gatefold_e2e::{Result, torture};

#[tokio::test]
async fn ten_thousand_streams_that_are_killed_leave_nothing() -> Result {
    torture::streams_killed_midway(10_000, 1 << 20).await
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures are wanted")]
async fn ten_gigabytes_among_liars_leave_nothing() -> Result {
    println!("{}", torture::stream_much(10_000_000_000).await?);
    Ok(())
}

#[tokio::test]
async fn an_edge_that_was_killed_often_serves_what_is_right() -> Result {
    torture::kill_while_it_fills(200).await
}
