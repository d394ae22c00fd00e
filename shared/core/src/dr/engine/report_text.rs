//! The report of one run: for people in Markdown, for software in JSON.

use serde_json::json;

use crate::dr::account::Run;
use crate::dr::policy::Objectives;
use crate::dr::state::State;
use crate::dr::timeline::Figure;

/// The timeline and the figures against the objectives, twice.
pub(super) fn paragraphs(
    environment: &str,
    state: &State,
    run: &Run,
    objectives: &Objectives,
) -> Vec<String> {
    let forced = run.loss.is_some() || run.action.is_forced();
    let figures = run.timeline.figures(objectives, run.loss, forced);
    vec![
        timeline(run),
        table(&figures),
        document(environment, state, run, &figures),
    ]
}

fn timeline(run: &Run) -> String {
    let mut lines = vec![
        "| reached | at (UTC) | after |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    for (name, moment) in run.timeline.marks() {
        let after = crate::replication::seconds_between(run.timeline.detected, moment);
        lines.push(format!("| {name} | {moment} | {after} s |"));
    }
    lines.join("\n")
}

fn table(figures: &[Figure]) -> String {
    let mut lines = vec![
        "| part | seconds | objective | met |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for figure in figures {
        let seconds = figure
            .seconds
            .map_or_else(|| "not known".to_owned(), |seconds| seconds.to_string());
        let met = match figure.met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "not known",
        };
        let (part, objective) = (&figure.part, figure.objective_seconds);
        lines.push(format!("| {part} | {seconds} | {objective} | {met} |"));
    }
    lines.join("\n")
}

fn document(environment: &str, state: &State, run: &Run, figures: &[Figure]) -> String {
    let value = json!({
        "environment": environment,
        "generation": run.generation,
        "action": run.action,
        "to": run.to,
        "phase": state.record.phase,
        "timeline": run.timeline,
        "figures": figures,
        "loss_estimate": run.loss,
        "notes": run.notes,
    });
    format!("```json\n{value}\n```")
}
