//! The language of `SEARCH`: `{Namespace,Dimension} Property="value" AND NOT word`.

use std::collections::BTreeSet;

use crate::cloudwatch::series::SeriesKey;

/// Deeper nesting is refused rather than followed.
const DEPTH_MAX: usize = 16;

#[derive(Debug, PartialEq)]
pub(super) struct Search {
    schema: Option<Schema>,
    condition: Condition,
}

/// The metrics of a namespace that have exactly these dimensions.
#[derive(Debug, PartialEq)]
struct Schema {
    namespace: String,
    dimensions: BTreeSet<String>,
}

#[derive(Debug, PartialEq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Is { property: Option<String>, word: Word },
}

/// A value in quotes is meant as it stands; without, a part of it is enough.
#[derive(Debug, Clone, PartialEq)]
struct Word {
    text: String,
    quoted: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(Word),
    Open,
    Close,
    Equals,
}

impl Search {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (schema, rest) = match text.strip_prefix('{') {
            None => (None, text),
            Some(inside) => {
                let (names, rest) = inside.split_once('}')?;
                let mut names = names
                    .split(',')
                    .map(|name| name.trim().trim_matches('"').to_owned());
                let namespace = names.next().filter(|name| !name.is_empty())?;
                let dimensions = names.collect();
                (
                    Some(Schema {
                        namespace,
                        dimensions,
                    }),
                    rest,
                )
            }
        };
        let mut tokens = tokens(rest)?;
        tokens.reverse();
        let condition = any(&mut tokens, None, 0)?;
        tokens.is_empty().then_some(Self { schema, condition })
    }

    pub(super) fn finds(&self, key: &SeriesKey) -> bool {
        let fits = self.schema.as_ref().is_none_or(|schema| {
            schema.namespace == key.namespace && schema.dimensions.iter().eq(key.dimensions.keys())
        });
        fits && self.condition.holds(key)
    }
}

impl Condition {
    fn holds(&self, key: &SeriesKey) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(key)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(key)),
            Self::Not(part) => !part.holds(key),
            Self::Is { property, word } => match property.as_deref() {
                Some("MetricName") => word.is(&key.metric),
                Some("Namespace") => word.is(&key.namespace),
                Some(name) => key.dimensions.get(name).is_some_and(|value| word.is(value)),
                None => {
                    let dimensions = key.dimensions.iter().flat_map(|(name, value)| [name, value]);
                    [&key.metric, &key.namespace]
                        .into_iter()
                        .chain(dimensions)
                        .any(|text| word.is(text))
                }
            },
        }
    }
}

impl Word {
    /// CloudWatch compares parts of words without regard to case.
    fn is(&self, value: &str) -> bool {
        if self.quoted {
            return self.text == value;
        }
        value.to_lowercase().contains(&self.text.to_lowercase())
    }

    fn bare(token: Option<&Token>, word: &str) -> bool {
        matches!(token, Some(Token::Word(next)) if !next.quoted && next.text.eq_ignore_ascii_case(word))
    }
}

fn any(rest: &mut Vec<Token>, property: Option<&str>, depth: usize) -> Option<Condition> {
    let mut parts = vec![all(rest, property, depth)?];
    while Word::bare(rest.last(), "OR") {
        rest.pop();
        parts.push(all(rest, property, depth)?);
    }
    Some(Condition::Any(parts))
}

/// Terms that stand beside each other must all hold, with or without an `AND` between them.
fn all(rest: &mut Vec<Token>, property: Option<&str>, depth: usize) -> Option<Condition> {
    let mut parts = Vec::new();
    while !matches!(rest.last(), None | Some(Token::Close)) && !Word::bare(rest.last(), "OR") {
        if Word::bare(rest.last(), "AND") {
            rest.pop();
        }
        parts.push(term(rest, property, depth)?);
    }
    Some(Condition::All(parts))
}

fn term(rest: &mut Vec<Token>, property: Option<&str>, depth: usize) -> Option<Condition> {
    if depth > DEPTH_MAX {
        return None;
    }
    if Word::bare(rest.last(), "NOT") {
        rest.pop();
        return Some(Condition::Not(Box::new(term(rest, property, depth + 1)?)));
    }
    match rest.pop()? {
        Token::Open => {
            let inner = any(rest, property, depth + 1)?;
            (rest.pop()? == Token::Close).then_some(inner)
        }
        Token::Word(name) if rest.last() == Some(&Token::Equals) => {
            rest.pop();
            match rest.pop()? {
                Token::Word(word) => Some(Condition::Is {
                    property: Some(name.text),
                    word,
                }),
                Token::Open => {
                    let inner = any(rest, Some(&name.text), depth + 1)?;
                    (rest.pop()? == Token::Close).then_some(inner)
                }
                Token::Close | Token::Equals => None,
            }
        }
        Token::Word(word) => Some(Condition::Is {
            property: property.map(str::to_owned),
            word,
        }),
        Token::Close | Token::Equals => None,
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.strip_prefix(first).unwrap_or_default();
        rest = match first {
            '(' => {
                tokens.push(Token::Open);
                after
            }
            ')' => {
                tokens.push(Token::Close);
                after
            }
            '=' => {
                tokens.push(Token::Equals);
                after
            }
            '"' => {
                let (content, after) = after.split_once('"')?;
                tokens.push(Token::Word(Word {
                    text: content.to_owned(),
                    quoted: true,
                }));
                after
            }
            _ => {
                let ends = |letter: char| letter.is_whitespace() || "()=\"".contains(letter);
                let (content, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                tokens.push(Token::Word(Word {
                    text: content.to_owned(),
                    quoted: false,
                }));
                after
            }
        }
        .trim_start();
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let search = Search::parse(text).unwrap();
        let keys = [
            ("failed", "Cutover/App", "Failed", vec![("Service", "orders")]),
            ("requests", "Cutover/App", "Requests", vec![("Service", "orders")]),
            ("stock", "Cutover/App", "Failed", vec![("Service", "stock")]),
            (
                "zonal",
                "Cutover/App",
                "Failed",
                vec![("Service", "stock"), ("Zone", "a")],
            ),
            ("other", "Other", "Failed", vec![("Service", "orders")]),
        ];
        keys.into_iter()
            .filter(|(_, namespace, metric, dimensions)| {
                search.finds(&SeriesKey::new(namespace, metric, dimensions.iter().copied()))
            })
            .map(|(name, ..)| name)
            .collect()
    }

    #[test]
    fn a_schema_means_exactly_these_dimensions() {
        assert_eq!(
            found(r#"{Cutover/App,Service} MetricName="Failed""#),
            ["failed", "stock"]
        );
        assert_eq!(
            found(r#"{Cutover/App,Zone,Service} MetricName="Failed""#),
            ["zonal"]
        );
        assert_eq!(found(r"{Cutover/App,Service}"), ["failed", "requests", "stock"]);
    }

    #[test]
    fn terms_are_put_together() {
        assert_eq!(
            found(r#"{Cutover/App,Service} MetricName=("Failed" OR "Requests") Service="orders""#),
            ["failed", "requests"]
        );
        assert_eq!(
            found(r#"MetricName="Failed" NOT Service="stock""#),
            ["failed", "other"]
        );
        assert_eq!(found(r#"MetricName="Fail""#), Vec::<&str>::new());
        assert_eq!(found("MetricName=request"), ["requests"]);
        assert_eq!(
            found(r#"(Zone="a" OR Namespace="Other") AND failed"#),
            ["zonal", "other"]
        );
    }

    #[test]
    fn what_is_no_search_is_refused() {
        for text in ["{A", "a=", "(a", "a)", "\"open", "NOT"] {
            assert_eq!(Search::parse(text), None, "{text}");
        }
    }
}
