//! Pages and filters of the describing operations.

use winterbaume_rds::model::FilterList;

use super::refusals;
use crate::error::AwsError;

/// Pages hold between 20 and 100 records.
const RECORDS_MIN: i32 = 20;
const RECORDS_MAX: i32 = 100;

/// One page, and the marker of the next. A marker is the number of records already seen.
pub(super) fn paged<T>(
    found: Vec<T>,
    marker: Option<&str>,
    records_max: Option<i32>,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let asked = records_max.unwrap_or(RECORDS_MAX);
    let fits = (RECORDS_MIN..=RECORDS_MAX).contains(&asked);
    let limit = usize::try_from(asked).ok().filter(|_| fits).ok_or_else(|| {
        refusals::invalid_value(format!(
            "Invalid value {asked} for MaxRecords. Must be between {RECORDS_MIN} and {RECORDS_MAX}"
        ))
    })?;
    let seen: usize = match marker {
        None | Some("") => 0,
        Some(marker) => marker
            .parse()
            .map_err(|_| refusals::invalid_value(format!("Invalid marker: {marker}")))?,
    };
    let end = seen.saturating_add(limit);
    let marker = (end < found.len()).then(|| end.to_string());
    Ok((found.into_iter().skip(seen).take(limit).collect(), marker))
}

/// A filter passes when any of its values is any of the field's; all filters must pass.
pub(super) fn passes<'a>(
    filters: Option<&FilterList>,
    field: impl Fn(&str) -> Option<Vec<&'a str>>,
) -> Result<bool, AwsError> {
    let mut all = true;
    for filter in filters.iter().flat_map(|filters| &filters.items) {
        let Some(actual) = field(&filter.name) else {
            let reason = format!("Unrecognized filter name: {}", filter.name);
            return Err(refusals::invalid_value(reason));
        };
        let wanted = &filter.values.items;
        all &= wanted.iter().any(|wanted| actual.contains(&wanted.as_str()));
    }
    Ok(all)
}
