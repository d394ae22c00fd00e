//! What a function writes to its log: JSON, one line per decision.

use cutover_core::engine::Invocation;
use cutover_core::error::Failure;
use tracing_subscriber::fmt::MakeWriter;

use super::told::Told;

/// From now on every line of this process goes to `writer`.
pub fn begin<W>(writer: W)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_writer(writer)
        .init();
}

/// The message reads alone, the fields are for queries.
pub fn decision<R: Told>(invocation: &Invocation, result: &Result<R, Failure>) {
    let trigger_id = invocation.id.as_str();
    match result {
        Ok(report) => {
            let line = report.line();
            tracing::info!(
                trigger_id,
                action = line.action,
                outcome = line.outcome,
                generation = line.generation,
                phase = line.phase,
                blockers = line.blockers,
                unrecognised = line.unrecognised,
                missed_events = line.missed_events,
                "{}: {}",
                line.action,
                line.message
            );
        }
        Err(failure) => {
            tracing::error!(
                trigger_id,
                error_type = failure.class.name(),
                "{}",
                failure.chain()
            );
        }
    }
}
