//! Every kind of plan: where it begins, and what is asked.

use super::story::Story;

/// One kind of plan: where it begins, and what is asked.
pub struct Kind {
    pub name: &'static str,
    pub begin: fn() -> Story,
    pub payload: &'static str,
}

const GRADUAL: &str = r#"{"action":"gradual_cutover","aurora_weight":50}"#;
const CUTOVER: &str = r#"{"action":"manual_cutover","writes_stopped":true}"#;
const CUTOVER_WITHOUT_WAY_BACK: &str =
    r#"{"action":"manual_cutover","writes_stopped":true,"force":["reverse-not-ready"]}"#;
const ROLLBACK: &str = r#"{"action":"rollback"}"#;
const ROLLBACK_LOSSY: &str = r#"{"action":"rollback","accept_data_loss":true}"#;

fn reverse_runs(story: Story) -> Story {
    story.with(|world| world.reverse = Some(super::tasks::TaskModel::running()))
}

/// The target does not drain before the time is up.
fn never_drained(story: Story) -> Story {
    story.with(|world| world.forward.lag = Some((0, 1, Some(3))))
}

/// A cutover over, and the reverse task some seconds behind until the first tick after.
fn reverse_lags(story: Story) -> Story {
    story.with(|world| {
        let reverse = world.reverse.as_mut().unwrap();
        reverse.lag = Some((2, 2, Some(7)));
        reverse.catches_up_at = Some(world.now + jiff::SignedDuration::from_secs(90));
    })
}

pub const KINDS: [Kind; 16] = [
    Kind {
        name: "gradual",
        begin: || Story::fresh().reads_at(20),
        payload: GRADUAL,
    },
    Kind {
        name: "gradual, the first",
        begin: Story::fresh,
        payload: GRADUAL,
    },
    Kind {
        name: "gradual, shared",
        begin: || reverse_runs(Story::fresh_shared()),
        payload: GRADUAL,
    },
    Kind {
        name: "ladder",
        begin: || Story::fresh().reads_at(20),
        payload: r#"{"action":"gradual_cutover","ladder":[30,60],"bake_minutes":1}"#,
    },
    Kind {
        name: "cutover",
        begin: || Story::fresh().reads_at(20),
        payload: CUTOVER,
    },
    Kind {
        name: "cutover, shared",
        begin: Story::fresh_shared,
        payload: CUTOVER,
    },
    Kind {
        name: "cutover, reverse runs",
        begin: || reverse_runs(Story::fresh().reads_at(100)),
        payload: CUTOVER,
    },
    Kind {
        name: "cutover, no way back",
        begin: || Story::fresh().with(|world| world.reverse = None),
        payload: CUTOVER_WITHOUT_WAY_BACK,
    },
    Kind {
        name: "cutover, undone",
        begin: || never_drained(Story::fresh().reads_at(20)),
        payload: CUTOVER,
    },
    Kind {
        name: "rollback of reads",
        begin: || Story::fresh().reads_at(50),
        payload: ROLLBACK,
    },
    Kind {
        name: "rollback of the writer",
        begin: || Story::fresh().cut_over(),
        payload: ROLLBACK,
    },
    Kind {
        name: "rollback, shared",
        begin: || Story::fresh_shared().cut_over(),
        payload: ROLLBACK,
    },
    Kind {
        name: "rollback, carried back first",
        begin: || reverse_lags(Story::fresh().cut_over()),
        payload: ROLLBACK,
    },
    Kind {
        name: "rollback, writes lost by word",
        begin: || Story::fresh().cut_over().with(|world| world.reverse = None),
        payload: ROLLBACK_LOSSY,
    },
    Kind {
        name: "complete",
        begin: || Story::fresh().cut_over(),
        payload: r#"{"action":"complete"}"#,
    },
    Kind {
        name: "pause",
        begin: || Story::fresh().reads_at(20),
        payload: r#"{"action":"pause","reason":"backup"}"#,
    },
];
