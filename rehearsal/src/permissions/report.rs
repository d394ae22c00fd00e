//! `docs/permissions.md`: function, action, resource, condition, why, and which story would fail without it.

use std::fmt::Write as _;

use twin::deployment::DeploymentError;
use twin::iam::{Effect, Statement};

use super::evidence::Evidence;
use super::granted::{self, ACCOUNT, DR_REGION, Holder, REGION};
use super::reasons;
use super::removal::Removal;

const HEAD: &str = "\
# Permissions

What each role of `template.yaml` may do, with everything switched on that the template can be asked for, and why. Resources
are those of an environment `dev`; `<region>` is the one that the stack is in.

This file is generated (`cargo run -p rehearsal -- permissions --update`), and a test compares it. The stories run under these
policies: the last column counts those in which a call would be refused without the permission, and names one. A permission
that no story needs fails a test, unless Lambda itself uses it in the function's name.
";

/// The whole document.
pub fn document(evidence: &Evidence) -> Result<String, DeploymentError> {
    let mut text = HEAD.to_owned();
    for holder in merged()? {
        section(&mut text, &holder, evidence);
    }
    Ok(text)
}

/// Every holder once, with the statements of all deployments in which it has a role.
fn merged() -> Result<Vec<(Holder, Vec<Statement>)>, DeploymentError> {
    let mut merged: Vec<(Holder, Vec<Statement>)> = Vec::new();
    for deployment in granted::whole()? {
        for holder in granted::holders(&deployment) {
            let own: Vec<Statement> = holder.statements().cloned().collect();
            match merged.iter_mut().find(|(known, _)| known.name == holder.name) {
                Some((_, statements)) => {
                    for statement in own {
                        if statements.iter().all(|known| known.sid != statement.sid) {
                            statements.push(statement);
                        }
                    }
                }
                None => merged.push((holder, own)),
            }
        }
    }
    Ok(merged)
}

fn section(text: &mut String, (holder, statements): &(Holder, Vec<Statement>), evidence: &Evidence) {
    let title = if statements.iter().any(|statement| statement.sid == "Forward") {
        format!("the rule `{}`", holder.name)
    } else {
        format!("`{}`", holder.name)
    };
    let _written = write!(
        text,
        "\n## {title}\n\n| action | resource | if | why | shown by |\n|---|---|---|---|---|\n"
    );
    let region = holder_region(statements);
    for statement in statements {
        let why = reasons::reason(&statement.sid).unwrap_or_default();
        let resources: Vec<String> = statement
            .resources()
            .iter()
            .map(|arn| shown(arn, region))
            .collect();
        for action in statement.actions() {
            let _written = writeln!(
                text,
                "| {}`{action}` | {} | {} | {why} | {} |",
                if statement.effect == Effect::Deny {
                    "**never** "
                } else {
                    ""
                },
                resources.join("<br>"),
                conditions(statement, region),
                shown_by(holder, statement, action, evidence),
            );
        }
    }
}

/// The region of a stack: that of its own state.
fn holder_region(statements: &[Statement]) -> &'static str {
    let state = statements.iter().find(|statement| statement.sid == "WriteState");
    let is_there =
        |region: &str| state.is_some_and(|state| state.resources().iter().any(|arn| arn.contains(region)));
    if is_there(DR_REGION) { DR_REGION } else { REGION }
}

fn shown(arn: &str, region: &str) -> String {
    let other = if region == DR_REGION {
        (REGION, "<primary>")
    } else {
        (DR_REGION, "<dr>")
    };
    let arn = arn
        .replace(ACCOUNT, "<account>")
        .replace(region, "<region>")
        .replace(other.0, other.1);
    format!("`{arn}`")
}

fn conditions(statement: &Statement, region: &str) -> String {
    let lines: Vec<String> = statement
        .conditions()
        .map(|condition| shown(&condition, region))
        .collect();
    lines.join("<br>")
}

fn shown_by(holder: &Holder, statement: &Statement, action: &str, evidence: &Evidence) -> String {
    if statement.effect == Effect::Deny {
        return "a test that attaches a policy which allows everything".to_owned();
    }
    if let Some(who) = reasons::by_lambda(&statement.sid) {
        return who.to_owned();
    }
    let removal = Removal {
        holder: holder.name.clone(),
        sid: statement.sid.clone(),
        action: Some(action.to_owned()),
    };
    let stories = evidence.stories(&removal);
    match stories.as_slice() {
        [] => "nothing".to_owned(),
        [one] => format!("`{one}`"),
        [first, ..] => format!("{} stories, such as `{first}`", stories.len()),
    }
}
