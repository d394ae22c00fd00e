//! Times of the week, in UTC.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

/// `mon-fri 08:00-18:00` or `sun 00:00-24:00`: these days, from the first time until just before the second. An end that
/// is not after the beginning is on the next day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    text: String,
    days: Vec<Weekday>,
    from: i16,
    until: i16,
}

/// Minutes of a day.
const DAY_MINUTES: i16 = 24 * 60;

impl Window {
    /// `None` when it is not of this form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (days, times) = text.trim().split_once(' ')?;
        let (from, until) = times.trim().split_once('-')?;
        Some(Self {
            text: text.trim().to_owned(),
            days: days_of(days)?,
            from: minutes(from).filter(|from| *from < DAY_MINUTES)?,
            until: minutes(until)?,
        })
    }

    #[must_use]
    pub fn holds(&self, moment: Timestamp) -> bool {
        let civil = moment.to_zoned(TimeZone::UTC).datetime();
        let (today, now) = (civil.weekday(), minute_of(civil.time()));
        let over_night = self.until <= self.from;
        let begun_today = self.days.contains(&today) && now >= self.from && (over_night || now < self.until);
        let begun_yesterday = over_night && self.days.contains(&today.previous()) && now < self.until;
        begun_today || begun_yesterday
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn minute_of(time: Time) -> i16 {
    i16::from(time.hour()) * 60 + i16::from(time.minute())
}

fn minutes(text: &str) -> Option<i16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (i16, i16) = (hour.parse().ok()?, minute.parse().ok()?);
    let whole = hour.checked_mul(60)?.checked_add(minute)?;
    ((0..60).contains(&minute) && (0..=DAY_MINUTES).contains(&whole)).then_some(whole)
}

fn days_of(text: &str) -> Option<Vec<Weekday>> {
    let Some((first, last)) = text.split_once('-') else {
        return Some(vec![day(text)?]);
    };
    let (first, last) = (day(first)?, day(last)?);
    let count = usize::try_from(first.until(last)).ok()? + 1;
    Some(first.cycle_forward().take(count).collect())
}

fn day(name: &str) -> Option<Weekday> {
    match name.trim().to_ascii_lowercase().as_str() {
        "mon" => Some(Weekday::Monday),
        "tue" => Some(Weekday::Tuesday),
        "wed" => Some(Weekday::Wednesday),
        "thu" => Some(Weekday::Thursday),
        "fri" => Some(Weekday::Friday),
        "sat" => Some(Weekday::Saturday),
        "sun" => Some(Weekday::Sunday),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    fn holds(window: &str, moment: &str) -> bool {
        Window::parse(window).unwrap().holds(moment.parse().unwrap())
    }

    #[test]
    fn a_window_holds_on_its_days_from_its_first_minute_to_its_last() {
        // 2026-03-02 is a Monday.
        assert!(holds("mon-fri 08:00-18:00", "2026-03-02T08:00:00Z"));
        assert!(!holds("mon-fri 08:00-18:00", "2026-03-02T18:00:00Z"));
        assert!(!holds("mon-fri 08:00-18:00", "2026-03-01T12:00:00Z"));
        assert!(holds("sat-sun 00:00-24:00", "2026-03-01T23:59:59Z"));
    }

    #[test]
    fn a_window_that_ends_before_it_begins_ends_on_the_next_day() {
        assert!(holds("fri 22:00-02:00", "2026-03-07T01:59:00Z"));
        assert!(!holds("fri 22:00-02:00", "2026-03-07T02:00:00Z"));
        assert!(!holds("fri 22:00-02:00", "2026-03-06T01:00:00Z"));
    }

    #[test]
    fn what_is_no_window_is_not_guessed() {
        for text in [
            "",
            "mon",
            "monday 08:00-09:00",
            "mon 8-9",
            "mon 08:60-09:00",
            "mon 24:00-25:00",
            "mon-xyz 08:00-09:00",
        ] {
            assert_eq!(Window::parse(text), None, "{text}");
        }
    }
}
