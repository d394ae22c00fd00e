//! What operators see, through the public door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::weight::Pair;
use world::story::Story;

#[test]
fn smoke() {
    let story = Story::fresh().reads_at(20);
    assert_eq!(story.target(Pair::Reader), 20);
    story.agrees();
    let story = Story::fresh().cut_over();
    story.agrees();
    let story = Story::fresh_shared().cut_over();
    story.agrees();
}
