//! Names and texts inside statements that take no parameters. `standard_conforming_strings` is on in our sessions, so that a
//! backslash is a backslash.

/// An identifier, whatever is in it.
pub(crate) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text, whatever is in it.
pub(crate) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_inside_do_not_end_what_they_are_in() {
        assert_eq!(super::name(r#"a"; DROP"#), r#""a""; DROP""#);
        assert_eq!(super::text(r"o'\clock"), r"'o''\clock'");
    }
}
