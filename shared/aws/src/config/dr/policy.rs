//! When to promote, and what a run is measured by, as the environment spells it.

use cutover_core::dr::policy::{Mode, Objectives, Policy};
use cutover_core::dr::window::Window;
use cutover_core::error::Failure;

use super::super::{Variables, wrong};

/// Bad signals that may be asked for at most.
const QUORUM_MAX: u32 = 10;
/// The probe and the RDS API, which are there besides the alarms.
const OWN_SIGNALS: usize = 2;

/// `alarms`: how many there are, the witness included.
pub(super) fn policy(environment: &Variables<'_>, alarms: usize) -> Result<Policy, Failure> {
    Ok(Policy {
        mode: mode(environment)?,
        quorum: quorum(environment, alarms)?,
        confirm_seconds: environment.number("DR_CONFIRM_SECONDS", 60)?,
        loss_budget_seconds: environment.number("LOSS_BUDGET_SECONDS", 60)?,
        block_minutes: environment.number("BLOCK_MINUTES", 60)?,
        switchover_lag_seconds: environment.number("SWITCHOVER_LAG_SECONDS", 10)?,
        objectives: objectives(environment)?,
        drill_blocked: windows(environment)?,
    })
}

fn mode(environment: &Variables<'_>) -> Result<Mode, Failure> {
    const VARIABLE: &str = "DR_MODE";
    let Some(name) = environment.optional(VARIABLE) else {
        return Ok(Mode::Auto);
    };
    Mode::parse(&name).ok_or_else(|| {
        wrong(
            VARIABLE,
            &format!("must be observe, approve or auto, not {name:?}"),
        )
    })
}

/// A quorum that can never be reached would look like a promotion that is armed.
fn quorum(environment: &Variables<'_>, alarms: usize) -> Result<u32, Failure> {
    const VARIABLE: &str = "DR_QUORUM";
    let quorum = environment.within(VARIABLE, 2, 1, QUORUM_MAX)?;
    let signals = alarms + OWN_SIGNALS;
    if usize::try_from(quorum).is_ok_and(|quorum| quorum > signals) {
        let problem =
            format!("is {quorum}, and there are {signals} signals: the alarms, the probe and the RDS API");
        return Err(wrong(VARIABLE, &problem));
    }
    Ok(quorum)
}

fn objectives(environment: &Variables<'_>) -> Result<Objectives, Failure> {
    let default = Objectives::default();
    let seconds = |part: &str, seconds| environment.number(&format!("OBJECTIVE_{part}_SECONDS"), seconds);
    Ok(Objectives {
        detection_seconds: seconds("DETECTION", default.detection_seconds)?,
        promotion_seconds: seconds("PROMOTION", default.promotion_seconds)?,
        routing_seconds: seconds("ROUTING", default.routing_seconds)?,
        verification_seconds: seconds("VERIFICATION", default.verification_seconds)?,
        rto_seconds: seconds("RTO", default.rto_seconds)?,
        rpo_seconds: seconds("RPO", default.rpo_seconds)?,
    })
}

fn windows(environment: &Variables<'_>) -> Result<Vec<Window>, Failure> {
    const VARIABLE: &str = "DRILL_BLOCKED_WINDOWS";
    let window = |text: &String| {
        let problem = || format!("has {text:?}, must be windows such as mon-fri 08:00-18:00");
        Window::parse(text).ok_or_else(|| wrong(VARIABLE, &problem()))
    };
    environment.list(VARIABLE).iter().map(window).collect()
}
