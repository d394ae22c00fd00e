//! From the text of an expression to its tree.

/// Deeper nesting is refused rather than followed.
const DEPTH_MAX: usize = 32;
const SYMBOLS: [&str; 18] = [
    "<=", ">=", "==", "!=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",",
];

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Number(f64),
    Text(String),
    /// The id of another query, or a word such as `REPEAT`.
    Name(String),
    Call(String, Vec<Expression>),
    Array(Vec<Expression>),
    Negative(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

/// The text is no expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InvalidSyntax;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Symbol(&'static str),
}

impl Expression {
    pub(super) fn calls(&self, function: &str) -> bool {
        match self {
            Self::Number(_) | Self::Text(_) | Self::Name(_) => false,
            Self::Call(name, arguments) => {
                name == function || arguments.iter().any(|argument| argument.calls(function))
            }
            Self::Array(items) => items.iter().any(|item| item.calls(function)),
            Self::Negative(of) => of.calls(function),
            Self::Binary(_, left, right) => left.calls(function) || right.calls(function),
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Expression, InvalidSyntax> {
    let mut tokens = tokens(text)?;
    tokens.reverse();
    let mut parser = Parser { rest: tokens };
    let expression = parser.level(0, 0)?;
    if parser.rest.is_empty() {
        Ok(expression)
    } else {
        Err(InvalidSyntax)
    }
}

/// The operators, from what binds least to what binds most.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("||", Operator::Or), ("OR", Operator::Or)],
    &[("&&", Operator::And), ("AND", Operator::And)],
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
    &[("^", Operator::Power)],
];

/// The tokens that are left, the next one last.
struct Parser {
    rest: Vec<Token>,
}

impl Parser {
    fn level(&mut self, level: usize, depth: usize) -> Result<Expression, InvalidSyntax> {
        let Some(operators) = LEVELS.get(level) else {
            return self.single(depth);
        };
        let mut left = self.level(level + 1, depth)?;
        while let Some(operator) = self.operator(operators) {
            let right = self.level(level + 1, depth)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        let written = match self.rest.last()? {
            Token::Symbol(symbol) => *symbol,
            Token::Name(name) => name.as_str(),
            Token::Number(_) | Token::Text(_) => return None,
        };
        let (_, operator) = operators.iter().find(|(sign, _)| *sign == written)?;
        let operator = *operator;
        self.rest.pop();
        Some(operator)
    }

    fn single(&mut self, depth: usize) -> Result<Expression, InvalidSyntax> {
        if depth > DEPTH_MAX {
            return Err(InvalidSyntax);
        }
        match self.rest.pop().ok_or(InvalidSyntax)? {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Name(name) if self.takes("(") => Ok(Expression::Call(name, self.list(")", depth)?)),
            Token::Name(name) => Ok(Expression::Name(name)),
            Token::Symbol("-") => Ok(Expression::Negative(Box::new(self.single(depth + 1)?))),
            Token::Symbol("[") => Ok(Expression::Array(self.list("]", depth)?)),
            Token::Symbol("(") => {
                let inner = self.level(0, depth + 1)?;
                if self.takes(")") {
                    Ok(inner)
                } else {
                    Err(InvalidSyntax)
                }
            }
            Token::Symbol(_) => Err(InvalidSyntax),
        }
    }

    fn list(&mut self, end: &str, depth: usize) -> Result<Vec<Expression>, InvalidSyntax> {
        let mut items = Vec::new();
        if self.takes(end) {
            return Ok(items);
        }
        loop {
            items.push(self.level(0, depth + 1)?);
            if self.takes(end) {
                return Ok(items);
            }
            if !self.takes(",") {
                return Err(InvalidSyntax);
            }
        }
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let there = matches!(self.rest.last(), Some(Token::Symbol(next)) if *next == symbol);
        if there {
            self.rest.pop();
        }
        there
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, InvalidSyntax> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = token(first, rest)?;
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn token(first: char, text: &str) -> Result<(Token, &str), InvalidSyntax> {
    if first == '\'' || first == '"' {
        let inside = text.strip_prefix(first).unwrap_or_default();
        let (content, after) = inside.split_once(first).ok_or(InvalidSyntax)?;
        return Ok((Token::Text(content.to_owned()), after));
    }
    let end_of = |belongs: fn(char) -> bool| text.find(|letter| !belongs(letter)).unwrap_or(text.len());
    if first.is_ascii_digit() || first == '.' {
        let (number, after) = text.split_at(end_of(|letter| letter.is_ascii_digit() || letter == '.'));
        let number = number.parse().map_err(|_| InvalidSyntax)?;
        return Ok((Token::Number(number), after));
    }
    if first.is_ascii_alphabetic() {
        let (name, after) = text.split_at(end_of(|letter| letter.is_ascii_alphanumeric() || letter == '_'));
        return Ok((Token::Name(name.to_owned()), after));
    }
    let mut symbols = SYMBOLS.iter();
    symbols
        .find_map(|symbol| Some((Token::Symbol(symbol), text.strip_prefix(symbol)?)))
        .ok_or(InvalidSyntax)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_bind_as_in_arithmetic() {
        let same = |left: &str, right: &str| assert_eq!(parse(left), parse(right), "{left}");
        same("1+2*3", "1+(2*3)");
        same("2*3^4-1", "(2*(3^4))-1");
        same("a/b > 0.5 AND c == 1", "((a/b) > 0.5) && (c == 1)");
        same("-a + b", "(-a) + b");
        same("8-4-2", "(8-4)-2");
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "1 +",
            "(a",
            "a b",
            "SUM(a",
            "SUM(a,)",
            "1..2",
            "a $ b",
            "'open",
            &"(".repeat(200),
        ] {
            assert_eq!(parse(text), Err(InvalidSyntax), "{text}");
        }
    }
}
