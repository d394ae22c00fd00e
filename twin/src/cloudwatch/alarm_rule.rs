//! The rule of a composite alarm: `ALARM("errors") AND NOT (OK(lag) OR FALSE)`.

use super::state::{ALARM, INSUFFICIENT_DATA, OK};

/// Deeper nesting is refused rather than followed.
const DEPTH_MAX: usize = 32;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum AlarmRule {
    /// An alarm, by name or ARN, is in this state.
    Is(&'static str, String),
    Always(bool),
    Not(Box<AlarmRule>),
    All(Vec<AlarmRule>),
    Any(Vec<AlarmRule>),
}

impl AlarmRule {
    /// Reads a rule. The error is what CloudWatch says of the first thing it does not understand.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let rule = any(&mut rest, 0).filter(|_| rest.trim().is_empty());
        rule.ok_or_else(|| {
            let rest = rest.trim_start();
            let ends = |letter: char| letter.is_whitespace() || "(),".contains(letter);
            let end = rest.find(ends).unwrap_or(rest.len());
            let token = match rest.chars().next() {
                None => "<EOF>".to_owned(),
                Some(sign) if end == 0 => sign.to_string(),
                Some(_) => rest.chars().take_while(|letter| !ends(*letter)).collect(),
            };
            let position = text.len() - rest.len();
            format!("Error in AlarmRule [Unsupported token '{token}' at char {position}]")
        })
    }

    pub(super) fn holds(&self, state_of: &impl Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::Is(state, alarm) => state_of(alarm).as_deref() == Some(state),
            Self::Always(truth) => *truth,
            Self::Not(rule) => !rule.holds(state_of),
            Self::All(rules) => rules.iter().all(|rule| rule.holds(state_of)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(state_of)),
        }
    }

    /// The alarms whose own condition makes the rule come to this, in their order.
    pub(super) fn agreeing(&self, truth: bool, state_of: &impl Fn(&str) -> Option<String>) -> Vec<&str> {
        match self {
            Self::Is(_, name) if self.holds(state_of) == truth => vec![name],
            Self::Is(..) | Self::Always(_) => Vec::new(),
            Self::Not(rule) => rule.agreeing(!truth, state_of),
            Self::All(rules) | Self::Any(rules) => rules
                .iter()
                .flat_map(|rule| rule.agreeing(truth, state_of))
                .collect(),
        }
    }

    /// The names of the alarms it asks about, each once, in their order.
    pub(super) fn alarms(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names
    }

    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::Is(_, name) if !names.contains(&name.as_str()) => names.push(name),
            Self::Is(..) | Self::Always(_) => {}
            Self::Not(rule) => rule.collect(names),
            Self::All(rules) | Self::Any(rules) => rules.iter().for_each(|rule| rule.collect(names)),
        }
    }
}

/// An alarm's name, where either its name or its ARN may stand.
pub(super) fn name_of(reference: &str) -> &str {
    match reference.split_once(":alarm:") {
        Some((before, name)) if before.starts_with("arn:") => name,
        _ => reference,
    }
}

fn any(rest: &mut &str, depth: usize) -> Option<AlarmRule> {
    let mut rules = vec![all(rest, depth)?];
    while takes(rest, "OR") {
        rules.push(all(rest, depth)?);
    }
    Some(one_or(rules, AlarmRule::Any))
}

fn all(rest: &mut &str, depth: usize) -> Option<AlarmRule> {
    let mut rules = vec![single(rest, depth)?];
    while takes(rest, "AND") {
        rules.push(single(rest, depth)?);
    }
    Some(one_or(rules, AlarmRule::All))
}

fn single(rest: &mut &str, depth: usize) -> Option<AlarmRule> {
    if depth > DEPTH_MAX {
        return None;
    }
    if takes(rest, "NOT") {
        return Some(AlarmRule::Not(Box::new(single(rest, depth + 1)?)));
    }
    if takes(rest, "TRUE") {
        return Some(AlarmRule::Always(true));
    }
    if takes(rest, "FALSE") {
        return Some(AlarmRule::Always(false));
    }
    for state in [ALARM, OK, INSUFFICIENT_DATA] {
        if takes(rest, state) {
            return Some(AlarmRule::Is(state, name_of(&name(rest)?).to_owned()));
        }
    }
    *rest = rest.trim_start().strip_prefix('(')?;
    let inner = any(rest, depth + 1)?;
    *rest = rest.trim_start().strip_prefix(')')?;
    Some(inner)
}

/// The name in parentheses. It stands in quotes, or has none of its own and no parentheses either.
fn name(rest: &mut &str) -> Option<String> {
    let inside = rest.trim_start().strip_prefix('(')?.trim_start();
    let (name, after) = if let Some(quoted) = inside.strip_prefix('"') {
        let (name, after) = quoted.split_once('"')?;
        (name, after.trim_start().strip_prefix(')')?)
    } else {
        inside.split_once(')')?
    };
    *rest = after;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Takes a word, if it comes next and ends there.
fn takes(rest: &mut &str, word: &str) -> bool {
    let Some(after) = rest.trim_start().strip_prefix(word) else {
        return false;
    };
    if after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
        return false;
    }
    *rest = after;
    true
}

fn one_or(mut rules: Vec<AlarmRule>, many: fn(Vec<AlarmRule>) -> AlarmRule) -> AlarmRule {
    match rules.pop() {
        Some(only) if rules.is_empty() => only,
        last => {
            rules.extend(last);
            many(rules)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `errors` and the like are in the state they are named after.
    fn holds(rule: &str) -> bool {
        let states = |name: &str| match name {
            "firing" | "with space" => Some(ALARM.to_owned()),
            "fine" => Some(OK.to_owned()),
            "unknown" => Some(INSUFFICIENT_DATA.to_owned()),
            _ => None,
        };
        AlarmRule::parse(rule).unwrap().holds(&states)
    }

    #[test]
    fn rules_hold_as_they_read() {
        assert!(holds(r#"ALARM("firing")"#));
        assert!(holds("ALARM(firing) AND OK(fine) AND INSUFFICIENT_DATA(unknown)"));
        assert!(holds(
            "ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:firing)"
        ));
        assert!(holds(r#"ALARM("with space")"#));
        assert!(!holds("ALARM(fine)"));
        assert!(!holds("ALARM(absent) OR OK(absent)"));
        assert!(holds("NOT ALARM(fine) AND (FALSE OR TRUE)"));
        // AND binds more than OR.
        assert!(holds("TRUE OR FALSE AND FALSE"));
        assert!(!holds("(TRUE OR FALSE) AND FALSE"));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            "ALARM",
            "ALARM()",
            "ALARM(a",
            "ALARM(a) AND",
            "ALARM(a) OK(b)",
            "WARN(a)",
            "TRUEST",
            "(TRUE",
        ] {
            assert!(AlarmRule::parse(text).is_err(), "{text}");
        }
        let error = AlarmRule::parse("ALARM(a) XOR ALARM(b)").unwrap_err();
        assert_eq!(error, "Error in AlarmRule [Unsupported token 'XOR' at char 9]");
        let error = AlarmRule::parse("ALARM(a) AND").unwrap_err();
        assert_eq!(error, "Error in AlarmRule [Unsupported token '<EOF>' at char 12]");
    }
}
