//! What the adapters of `dr-failover` promise of each service, over the wire, in two regions.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the functions here are all part of tests, which clippy only sees in those marked so"
)]

mod application;
mod clusters;
mod hooks;
mod promotions;
mod records;
mod scene;
mod serving;
mod signs;
mod tails;
mod unanswered;
