//! The wildcards of event patterns: `*` is any text, `\*` an asterisk, `\\` a backslash.

/// The texts between the asterisks, of which there is always one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wildcard {
    first: String,
    /// What follows each asterisk.
    rest: Vec<String>,
}

impl Wildcard {
    /// Reads a wildcard. The error is the reason.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        let mut after_asterisk = false;
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '*' if after_asterisk => return Err("Consecutive wildcard characters are not allowed"),
                '*' => pieces.push(std::mem::take(&mut piece)),
                '\\' => match characters.next() {
                    Some(escaped @ ('*' | '\\')) => piece.push(escaped),
                    Some(_) | None => return Err("Invalid escape character at wildcard"),
                },
                other => piece.push(other),
            }
            after_asterisk = character == '*';
        }
        pieces.push(piece);
        let mut pieces = pieces.into_iter();
        Ok(Self {
            first: pieces.next().unwrap_or_default(),
            rest: pieces.collect(),
        })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let Some(mut remaining) = text.strip_prefix(self.first.as_str()) else {
            return false;
        };
        let Some((last, between)) = self.rest.split_last() else {
            return remaining.is_empty();
        };
        // The earliest place of each piece leaves the most for those that follow.
        for piece in between {
            match remaining.split_once(piece.as_str()) {
                Some((_, after)) => remaining = after,
                None => return false,
            }
        }
        remaining.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asterisks_stand_for_any_text_and_backslashes_take_their_meaning() {
        for (wildcard, text, expected) in [
            ("dir/*.png", "dir/a.png", true),
            ("dir/*.png", "dir/.png", true),
            ("dir/*.png", "dir/a.jpg", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("a*a", "a", false),
            ("plain", "plain", true),
            ("plain", "plainer", false),
            (r"\*", "*", true),
            (r"\*", "x", false),
            (r"c:\\*", r"c:\x", true),
        ] {
            let parsed = Wildcard::parse(wildcard).unwrap();
            assert_eq!(parsed.matches(text), expected, "{wildcard} on {text}");
        }
        for refused in ["a**b", r"a\b", r"a\"] {
            assert!(Wildcard::parse(refused).is_err(), "{refused}");
        }
    }
}
