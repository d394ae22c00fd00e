//! Policy documents, read from the JSON that they are written in.

use serde_json::{Map, Value};

use super::condition::{Condition, texts};
use super::pattern::ArnPattern;
use super::statement::{Actions, Effect, Principals, Resources, Statement};

/// The only version of the language that is read.
const VERSION: &str = "2012-10-17";

/// What a policy is attached to, which decides what its statements consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A role: its statements name resources and no principals.
    Identity,
    /// A topic, a queue, a key or a function: its statements name principals and resources.
    Resource,
    /// A role again: its statements name who may take it on.
    Trust,
}

/// A policy, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub name: String,
    pub statements: Vec<Statement>,
}

/// Why a policy is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy {policy}, {statement}: {problem}")]
pub struct InvalidPolicy {
    pub policy: String,
    /// The statement, or the document as a whole.
    pub statement: String,
    pub problem: String,
}

impl Policy {
    /// Reads a document.
    pub fn read(name: &str, kind: Kind, document: &Value) -> Result<Self, InvalidPolicy> {
        let invalid = |statement: &str, problem: String| InvalidPolicy {
            policy: name.to_owned(),
            statement: statement.to_owned(),
            problem,
        };
        let whole = |problem: String| invalid("as a whole", problem);
        let document = document
            .as_object()
            .ok_or_else(|| whole("it is no document".to_owned()))?;
        check_names(document, &["Version", "Id", "Statement"]).map_err(whole)?;
        if document.get("Version").and_then(Value::as_str) != Some(VERSION) {
            return Err(whole(format!("its version is not {VERSION}")));
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => statements.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            Some(_) | None => return Err(whole("it has no statements".to_owned())),
        };
        let read = |(index, value): (usize, &Value)| {
            let number = format!("statement {}", index + 1);
            let sid = value.get("Sid").and_then(Value::as_str).unwrap_or(&number);
            statement(sid, kind, value).map_err(|problem| invalid(sid, problem))
        };
        let statements = statements.iter().enumerate().map(read);
        Ok(Self {
            name: name.to_owned(),
            statements: statements.collect::<Result<_, _>>()?,
        })
    }

    /// The same without one statement.
    #[must_use]
    pub fn without_statement(&self, sid: &str) -> Self {
        let mut policy = self.clone();
        policy.statements.retain(|statement| statement.sid != sid);
        policy
    }

    /// The same without one action of one statement, and without the statement if that was its only one.
    #[must_use]
    pub fn without_action(&self, sid: &str, action: &str) -> Self {
        let mut policy = self.clone();
        for statement in policy
            .statements
            .iter_mut()
            .filter(|statement| statement.sid == sid)
        {
            statement.actions.listed.retain(|listed| listed != action);
        }
        policy
            .statements
            .retain(|statement| !statement.actions.listed.is_empty());
        policy
    }

    /// The same without one line of a statement's conditions, by its number from 0.
    #[must_use]
    pub fn without_condition(&self, sid: &str, index: usize) -> Self {
        let mut policy = self.clone();
        for statement in policy
            .statements
            .iter_mut()
            .filter(|statement| statement.sid == sid)
        {
            if index < statement.conditions.len() {
                statement.conditions.remove(index);
            }
        }
        policy
    }

    /// The same with one statement about every resource there is.
    #[must_use]
    pub fn on_everything(&self, sid: &str) -> Self {
        let mut policy = self.clone();
        for statement in policy
            .statements
            .iter_mut()
            .filter(|statement| statement.sid == sid)
        {
            statement.resources = Some(Resources {
                texts: vec!["*".to_owned()],
                patterns: vec![ArnPattern::Anything],
                inverted: false,
            });
        }
        policy
    }
}

fn statement(sid: &str, kind: Kind, value: &Value) -> Result<Statement, String> {
    let object = value.as_object().ok_or("it is no statement")?;
    let names: &[&str] = match kind {
        Kind::Identity => &[
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
        Kind::Resource => &[
            "Sid",
            "Effect",
            "Principal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
        Kind::Trust => &["Sid", "Effect", "Principal", "Action", "Condition"],
    };
    check_names(object, names)?;
    let effect = match object.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err("its effect is neither Allow nor Deny".to_owned()),
    };
    let principals = object.get("Principal").map(principals).transpose()?;
    if principals.is_none() && kind != Kind::Identity {
        return Err("it has no principal".to_owned());
    }
    let resources = (kind != Kind::Trust).then(|| resources(object)).transpose()?;
    Ok(Statement {
        sid: sid.to_owned(),
        effect,
        actions: actions(object)?,
        resources,
        principals,
        conditions: object.get("Condition").map_or(Ok(Vec::new()), conditions)?,
    })
}

fn actions(statement: &Map<String, Value>) -> Result<Actions, String> {
    let (listed, inverted) = either(statement, "Action", "NotAction")?;
    let known = |action: &&String| {
        *action == "*"
            || action
                .split_once(':')
                .is_some_and(|(service, _)| !service.is_empty())
    };
    match listed.iter().find(|action| !known(action)) {
        Some(strange) => Err(format!("{strange} is no action")),
        None => Ok(Actions { listed, inverted }),
    }
}

fn resources(statement: &Map<String, Value>) -> Result<Resources, String> {
    let (texts, inverted) = either(statement, "Resource", "NotResource")?;
    let read = |text: &String| {
        without_variables(text)?;
        ArnPattern::read(text).ok_or_else(|| format!("{text} is no ARN"))
    };
    Ok(Resources {
        patterns: texts.iter().map(read).collect::<Result<_, _>>()?,
        texts,
        inverted,
    })
}

fn principals(value: &Value) -> Result<Principals, String> {
    if value.as_str() == Some("*") {
        return Ok(Principals::Everybody);
    }
    let object = value
        .as_object()
        .ok_or("its principal is neither * nor a list of them")?;
    check_names(object, &["AWS", "Service"])?;
    let listed = |name: &str| match object.get(name) {
        Some(value) => texts(value).ok_or_else(|| format!("the principals of {name} must be texts")),
        None => Ok(Vec::new()),
    };
    let (aws, services) = (listed("AWS")?, listed("Service")?);
    Ok(if aws.iter().any(|principal| principal == "*") {
        Principals::Everybody
    } else {
        Principals::Listed { aws, services }
    })
}

fn conditions(block: &Value) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    let block = block.as_object().ok_or("its condition is no block")?;
    for (operator, lines) in block {
        let lines = lines
            .as_object()
            .ok_or_else(|| format!("{operator} compares nothing"))?;
        for (key, values) in lines {
            for text in texts(values).unwrap_or_default() {
                without_variables(&text)?;
            }
            conditions.push(Condition::read(operator, key, values)?);
        }
    }
    Ok(conditions)
}

/// The values of one of two elements that exclude each other, and whether it is the second.
fn either(
    statement: &Map<String, Value>,
    plain: &str,
    inverted: &str,
) -> Result<(Vec<String>, bool), String> {
    let (name, value, is_inverted) = match (statement.get(plain), statement.get(inverted)) {
        (Some(value), None) => (plain, value, false),
        (None, Some(value)) => (inverted, value, true),
        (Some(_), Some(_)) | (None, None) => return Err(format!("it needs one of {plain} and {inverted}")),
    };
    let values = texts(value).ok_or_else(|| format!("{name} must be a text or a list of texts"))?;
    Ok((values, is_inverted))
}

/// Variables would have to be filled in for each request. The twin does not.
fn without_variables(text: &str) -> Result<(), String> {
    if text.contains("${") {
        return Err(format!("the twin fills in no policy variables, as in {text}"));
    }
    Ok(())
}

fn check_names(object: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(strange) => Err(format!("the twin does not know the element {strange}")),
        None => Ok(()),
    }
}
