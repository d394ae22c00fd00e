//! Text with wildcards, and ARNs with wildcards in their parts.

/// A policy's own parts of an ARN: partition, service, region, account, resource and what stands before them.
const ARN_PARTS: usize = 6;

/// Whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Counts,
    Ignored,
}

/// A resource, as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ArnPattern {
    /// `*`
    Anything,
    /// Each part of an ARN is compared by itself, so that a wildcard reaches no further than its part.
    Parts(Vec<String>),
}

impl ArnPattern {
    /// None for what is neither `*` nor a whole ARN.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Anything);
        }
        let parts: Vec<String> = text.splitn(ARN_PARTS, ':').map(str::to_owned).collect();
        let whole = parts.len() == ARN_PARTS && parts.first().is_some_and(|first| first == "arn");
        whole.then_some(Self::Parts(parts))
    }

    /// What is no ARN, an action without a resource, is matched by `*` alone.
    pub(super) fn matches(&self, arn: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Parts(parts) => {
                let mut found = arn.splitn(ARN_PARTS, ':');
                let same = parts.iter().all(|part| {
                    found
                        .next()
                        .is_some_and(|found| is_like(found, part, Case::Counts))
                });
                same && found.next().is_none()
            }
        }
    }
}

/// Whether a text is as a pattern says, in which `*` stands for any text and `?` for any one character.
pub(super) fn is_like(text: &str, pattern: &str, case: Case) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = after_start(text.as_bytes(), first.as_bytes(), case) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        let piece = piece.as_bytes();
        if pieces.peek().is_none() {
            let start = rest.len().checked_sub(piece.len());
            return start.is_some_and(|start| {
                after_start(rest.get(start..).unwrap_or_default(), piece, case).is_some()
            });
        }
        let found = (0..=rest.len()).find_map(|start| after_start(rest.get(start..)?, piece, case));
        let Some(after) = found else {
            return false;
        };
        rest = after;
    }
    true
}

/// What follows a piece at the start of a text. None if the text does not start with it.
fn after_start<'a>(text: &'a [u8], piece: &[u8], case: Case) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(piece.len())?;
    let same = |(found, wanted): (&u8, &u8)| match case {
        _ if *wanted == b'?' => true,
        Case::Counts => found == wanted,
        Case::Ignored => found.eq_ignore_ascii_case(wanted),
    };
    start.iter().zip(piece).all(same).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_any_text_and_for_one_character() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("*", "anything", true),
            ("a*c", "abbbc", true),
            ("a*c", "ac", true),
            ("a*c", "abcd", false),
            ("a*b*c", "a-b-b-c", true),
            ("*.example.com", "db.example.com", true),
            ("*.example.com", "example.com", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("??", "a", false),
            ("*ab", "aab", true),
            ("ab*ba", "aba", false),
            ("Get*", "getparameter", false),
        ] {
            assert_eq!(
                is_like(text, pattern, Case::Counts),
                expected,
                "{text} like {pattern}"
            );
        }
        assert!(is_like("getparameter", "Get*", Case::Ignored));
    }

    #[test]
    fn a_wildcard_reaches_no_further_than_its_part_of_an_arn() {
        let matches = |pattern: &str, arn: &str| ArnPattern::read(pattern).unwrap().matches(arn);
        let state = "arn:aws:ssm:eu-central-1:111122223333:parameter/migration/dev/state";
        assert!(matches(state, state));
        assert!(matches("arn:aws:ssm:*:111122223333:parameter/migration/*", state));
        assert!(matches("arn:aws:ssm:eu-*:*:parameter/migration/dev/stat?", state));
        assert!(!matches("arn:aws:ssm:eu-*:parameter/migration/*:x", state));
        assert!(!matches(
            "arn:aws:ssm:eu-central-1:111122223333:parameter/migration/dev/stat",
            state
        ));
        // A colon in the last part is part of it.
        assert!(matches(&format!("{state}:*"), &format!("{state}:7")));
        assert!(!matches(state, &format!("{state}:7")));
    }

    #[test]
    fn only_everything_matches_what_is_no_arn() {
        assert!(ArnPattern::read("*").unwrap().matches("*"));
        assert!(!ArnPattern::read("arn:aws:dms:*:*:*").unwrap().matches("*"));
        for broken in [
            "",
            "arn",
            "arn:aws:ssm:*",
            "arn:aws:ssm:*:parameter/migration/*",
            "parameter/x",
            "*:aws:ssm:a:b:c",
        ] {
            assert_eq!(ArnPattern::read(broken), None, "{broken}");
        }
    }
}
