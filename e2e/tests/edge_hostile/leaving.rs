//! Clients that leave in the middle take nothing with them.

use gatefold_e2e::{Result, torture};

#[tokio::test]
async fn five_hundred_streams_that_are_killed_leave_nothing() -> Result {
    torture::streams_killed_midway(500, 1 << 20).await
}
