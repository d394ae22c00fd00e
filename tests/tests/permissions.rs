//! Every permission is needed: without it a story goes differently, or somebody is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rehearsal::permissions::evidence::Evidence;
use rehearsal::permissions::granted::{self, Holder};
use rehearsal::permissions::removal::Removal;
use rehearsal::permissions::{reasons, report};
use rehearsal::story::{self, Played};

/// Stories that are played again without a permission at once: more would not fit on two cores.
const AT_ONCE: usize = 2;

static EVIDENCE: LazyLock<Evidence> = LazyLock::new(|| Evidence::of_stories(&folder()).unwrap());

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rehearsal/stories")
}

/// Everybody who has a role, in every stack that there can be.
fn everybody() -> Vec<Holder> {
    let deployments = granted::whole().unwrap();
    deployments.iter().flat_map(granted::holders).collect()
}

fn used_by_lambda(removal: &Removal) -> bool {
    reasons::by_lambda(&removal.sid).is_some()
}

#[test]
fn every_statement_and_every_action_is_needed_by_a_story() {
    let unneeded: Vec<String> = everybody()
        .iter()
        .flat_map(Holder::removals)
        .filter(|removal| !used_by_lambda(removal) && EVIDENCE.stories(removal).is_empty())
        .map(|removal| removal.to_string())
        .collect();
    assert!(unneeded.is_empty(), "no story needs:\n{}", unneeded.join("\n"));
}

#[test]
fn nobody_is_refused_anything_in_any_story() {
    // Where a story denies something, it does so by a fault, and not by a policy.
    let refused = EVIDENCE.refused();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn no_story_needs_what_is_said_to_be_lambdas_own() {
    let needed: Vec<&Removal> = EVIDENCE
        .needed()
        .filter(|removal| used_by_lambda(removal))
        .collect();
    assert!(needed.is_empty(), "{needed:?}");
}

#[test]
fn every_statement_has_a_reason_and_every_reason_a_statement() {
    let everybody = everybody();
    let sids: Vec<&str> = everybody
        .iter()
        .flat_map(Holder::statements)
        .map(|statement| statement.sid.as_str())
        .collect();
    for sid in &sids {
        assert!(reasons::reason(sid).is_some(), "{sid} has no reason");
    }
    for sid in reasons::known() {
        assert!(sids.contains(&sid), "{sid} is no statement");
    }
}

#[test]
fn the_document_is_up_to_date() {
    let document = report::document(&EVIDENCE).unwrap();
    let written =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/permissions.md"));
    assert!(
        written.unwrap_or_default() == document,
        "cargo run -p rehearsal -- permissions --update"
    );
}

#[test]
fn a_story_without_a_permission_that_it_needs_goes_differently_or_is_refused() {
    let removals: Vec<&Removal> = EVIDENCE.needed().collect();
    assert!(
        removals.len() >= 100,
        "only {} permissions are needed",
        removals.len()
    );
    let shares = removals.len().div_ceil(AT_ONCE);
    std::thread::scope(|scope| {
        for share in removals.chunks(shares) {
            scope.spawn(move || share.iter().for_each(|removal| play_without(removal)));
        }
    });
}

/// Plays the shortest of the stories that need it.
fn play_without(removal: &Removal) {
    let texts: BTreeMap<usize, String> = EVIDENCE
        .stories(removal)
        .iter()
        .map(|name| {
            let path = folder().join(format!("{name}.story"));
            let length = std::fs::metadata(path.with_extension("transcript"))
                .unwrap()
                .len();
            (usize::try_from(length).unwrap(), story::read(&path).unwrap())
        })
        .collect();
    let text = texts.values().next().unwrap();
    // A stage that cannot even be built without it is difference enough.
    if let Ok(played) = story::play_without(text, Some(removal)) {
        assert!(
            is_refused(&played, &removal.holder),
            "{removal} is not felt in\n{text}"
        );
    }
}

fn is_refused(played: &Played, holder: &str) -> bool {
    let holder = played.holders.iter().find(|found| found.name == holder);
    let role = &holder.unwrap().role.arn;
    played
        .asked
        .iter()
        .any(|asked| asked.by == *role && !asked.verdict.is_allowed())
}
