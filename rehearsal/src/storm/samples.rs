//! The samples of `events/` that nobody may act on, as its table has them.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../events/README.md");
/// What a row of the table says of a sample that is not acted on.
const FORGED: &str = "| not acted on: ";
/// It lies in the future of nine o'clock, and storms may last until then.
const NOT_FOR_LONG: &str = "dms.task.in-the-future";

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let rows = TABLE.lines().filter(|row| row.contains(FORGED));
    let named = rows.filter_map(|row| row.strip_prefix("| [`")?.split_once('`'));
    let names = named.map(|(name, _)| name.to_owned());
    names.filter(|name| name != NOT_FOR_LONG).collect()
});

pub(super) fn forged() -> &'static [String] {
    &NAMES
}

/// Only an envelope can be put on a bus.
pub(super) fn fits_the_bus(sample: &str) -> bool {
    ["cloudwatch.", "dms.", "schedule."]
        .iter()
        .any(|source| sample.starts_with(source))
}
