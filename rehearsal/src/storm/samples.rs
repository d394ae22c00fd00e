//! The samples of `events/` that nobody may act on, as its table has them.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../events/README.md");
/// What the table says of a sample that is not acted on, in the column of the migration's functions.
const FORGED: &str = "not acted on: ";
/// Between the columns.
const COLUMN: &str = " | ";
/// It lies in the future of nine o'clock, and storms may last until then.
const NOT_FOR_LONG: &str = "dms.task.in-the-future";

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let names = TABLE.lines().filter_map(|row| {
        let mut columns = row.strip_prefix("| [`")?.split(COLUMN);
        let (name, _link) = columns.next()?.split_once('`')?;
        let is_forged = columns.next()?.starts_with(FORGED);
        (is_forged && name != NOT_FOR_LONG).then(|| name.to_owned())
    });
    names.collect()
});

pub(super) fn forged() -> &'static [String] {
    &NAMES
}

/// Only an envelope can be put on a bus.
pub(super) fn fits_the_bus(sample: &str) -> bool {
    ["cloudwatch.", "dms.", "rds.", "schedule."]
        .iter()
        .any(|source| sample.starts_with(source))
}
