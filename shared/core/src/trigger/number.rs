//! The number of an event, by which DMS and RDS document what they tell.

const DIGITS: usize = 4;

/// The number in `DMS-EVENT-0079`, or in a link that ends so, perhaps with a blank behind it. The prefix is that of the
/// service, with its last dash.
pub(crate) fn event_number<'text>(text: &'text str, prefix: &str) -> Option<&'text str> {
    let (_before, number) = text.rsplit_once(prefix)?;
    let number = number.trim_end();
    let digits = number.len() == DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(number)
}
