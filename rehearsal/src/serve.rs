//! The twin on a port, with an environment on it, for the AWS CLI, boto3 and whoever else speaks to AWS.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use twin::{CallOutcome, SideDoor, Twin, TwinOptions};

use crate::dr::setting::{Beside, DrSetting};
use crate::dr::stage::{CANARY, DR_REGION};
use crate::player::{PlayError, Player};
use crate::script;
use crate::stage::{Direction, Setting, Stage};

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("port {port}: {problem}")]
    Port { port: u16, problem: std::io::Error },
    #[error(transparent)]
    Stage(#[from] PlayError),
}

/// A call that takes longer is a fault, and there are faults for that.
pub const LATENCY_MILLISECONDS_MAX: u64 = 1000;

/// How to serve.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    pub port: u16,
    /// Whether calls are throttled at AWS's documented rates.
    pub rates: bool,
    /// What each call takes besides its work.
    pub latency: Duration,
}

/// Serves until interrupted. The clock is the real one.
pub async fn serve(options: ServeOptions) -> Result<(), ServeError> {
    let port_error = |problem| ServeError::Port {
        port: options.port,
        problem,
    };
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .map_err(port_error)?;
    let port = listener.local_addr().map_err(port_error)?.port();
    let twin_options = TwinOptions {
        start: Timestamp::now(),
        rates: options.rates,
        call_latency: options.latency,
        ..TwinOptions::default()
    };
    let stage = Box::pin(Stage::build(twin_options, watched()))
        .await
        .map_err(PlayError::Stage)?;
    let twin = stage.twin.clone();
    // Whoever serves sets them by hand; what the twin says before anybody calls is no news.
    for alarm in ALARMS {
        twin.cloudwatch(|cloudwatch| {
            cloudwatch.create_alarm(alarm);
            cloudwatch.set_alarm_state(alarm, "OK", "nothing is wrong yet");
        });
    }
    twin.forget_emissions();
    twin.side_door("/_twin/bus", Arc::new(BusDoor(twin.clone())));
    twin.side_door("/_twin/log", Arc::new(LogDoor(twin.clone())));
    twin.side_door("/_twin/credentials", Arc::new(CredentialsDoor(twin.clone())));
    twin.side_door("/_twin/history", Arc::new(HistoryDoor(twin.clone())));
    let task = stage.task(Direction::Forward).to_owned();
    let mut player = Player::new(stage);
    player.let_time_jump();
    let player = Arc::new(Mutex::new(player));
    twin.side_door("/_twin/story", Arc::new(StoryDoor(Arc::clone(&player))));
    print!("{}", welcome(port, &task));
    tokio::select! {
        ended = twin.serve(listener) => ended.map_err(port_error),
        () = schedule(twin.clone()) => Ok(()),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Alarms to play with: the first takes everything back, the second holds.
const ALARMS: [&str; 2] = ["cutover-errors", "cutover-latency"];

fn watched() -> Setting {
    let [rollback, hold] = ALARMS;
    Setting {
        alarms: format!("{rollback}=rollback,{hold}=hold"),
        dr: Some(DrSetting {
            beside: Beside::Migration,
            ..DrSetting::default()
        }),
        ..Setting::default()
    }
}

/// What AWS does by itself each minute, the schedules among it, in real time.
async fn schedule(twin: Twin) {
    let mut minute = tokio::time::interval(Duration::from_mins(1));
    minute.tick().await;
    loop {
        minute.tick().await;
        twin.minute().await;
    }
}

fn welcome(port: u16, task: &str) -> String {
    let endpoint = format!("http://127.0.0.1:{port}");
    let aws = format!("aws --endpoint-url {endpoint}");
    let zone = crate::stage::ZONE;
    let [rollback, hold] = ALARMS;
    format!(
        r#"listening on {endpoint}

The environment `dev` is up: a zone, a reader and a writer pair, a running task, a topic, and
route53-updater-dev, dms-monitor-dev and alarm-rollback-dev, with the rules and schedules of template.yaml.
Any credentials do:

  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=eu-central-1

AWS CLI v1 takes the payload as it is; v2 needs --cli-binary-format raw-in-base64-out beside it:

  {aws} lambda invoke --function-name route53-updater-dev --payload '{{"action":"gradual_cutover","aurora_weight":20}}' response.json && cat response.json
  {aws} lambda invoke --function-name route53-updater-dev --cli-binary-format raw-in-base64-out --payload '{{"action":"status"}}' response.json && cat response.json
  {aws} lambda invoke --function-name route53-updater-dev --payload '{{"action":"rollback"}}' response.json && cat response.json
  {aws} ssm get-parameter --name /migration/dev/state --query Parameter.Value --output text
  {aws} route53 list-resource-record-sets --hosted-zone-id {zone}

The alarm {rollback} takes everything back, {hold} holds. Set one, or put an event on the bus yourself:

  {aws} cloudwatch set-alarm-state --alarm-name {rollback} --state-value ALARM --state-reason 'too many errors'
  {aws} events put-events --entries '[{{"Source":"aws.dms","DetailType":"DMS Replication Task State Change","Resources":["{task}"],"Detail":"{{\"eventType\":\"REPLICATION_TASK_STOPPED\",\"eventId\":\"DMS-EVENT-0079\",\"category\":\"StateChange\",\"type\":\"REPLICATION_TASK\"}}"}}]'

The other half of it is in {DR_REGION}: a global database with its secondary there, and dr-failover-dev. While the
primary region lives, the alarm {CANARY} makes it hold and say why; once that region is dark, it promotes:

  {aws} --region {DR_REGION} lambda invoke --function-name dr-failover-dev --payload '{{"action":"status"}}' response.json && cat response.json
  curl --data-binary 'dark eu-central-1' {endpoint}/_twin/story
  {aws} --region {DR_REGION} cloudwatch set-alarm-state --alarm-name {CANARY} --state-value ALARM --state-reason 'nobody answers'
  {aws} --region {DR_REGION} ssm get-parameter --name /dr/dev/state --query Parameter.Value --output text

Make things happen, in the words of the stories:

  curl --data-binary 'lag 75s' {endpoint}/_twin/story
  curl --data-binary 'advance 31m' {endpoint}/_twin/story

"#
    )
}

type DoorAnswer<'a> = Pin<Box<dyn Future<Output = (u16, String)> + Send + 'a>>;

/// Takes story lines and answers with their transcript.
struct StoryDoor(Arc<Mutex<Player>>);

impl SideDoor for StoryDoor {
    fn handle(&self, body: Vec<u8>) -> DoorAnswer<'_> {
        Box::pin(async move {
            let text = String::from_utf8_lossy(&body).into_owned();
            let happenings = match script::parse(&text) {
                Ok(happenings) => happenings,
                Err(bad) => return (400, format!("{bad}\n")),
            };
            let mut player = self.0.lock().await;
            let (_, before) = player.transcript.since(usize::MAX, false);
            for happening in &happenings {
                if let Err(error) = player.play(happening).await {
                    return (400, format!("{error}\n"));
                }
            }
            (200, player.transcript.since(before, false).0)
        })
    }
}

/// The request log, as JSON.
struct LogDoor(Twin);

impl SideDoor for LogDoor {
    fn handle(&self, _body: Vec<u8>) -> DoorAnswer<'_> {
        let calls: Vec<Value> = self
            .0
            .log()
            .into_iter()
            .map(|call| {
                json!({
                    "number": call.number,
                    "at": call.at.to_string(),
                    "ended": call.ended.map(|ended| ended.to_string()),
                    "service": call.service,
                    "operation": call.operation,
                    "subject": call.subject,
                    "invocation": call.invocation,
                    "ok": call.outcome == CallOutcome::Ok,
                    "detail": call.detail,
                })
            })
            .collect();
        Box::pin(async move { (200, Value::Array(calls).to_string()) })
    }
}

/// The credentials of a function's role, by the function's name, for who runs its real binary.
struct CredentialsDoor(Twin);

impl SideDoor for CredentialsDoor {
    fn handle(&self, body: Vec<u8>) -> DoorAnswer<'_> {
        let name = String::from_utf8_lossy(&body).trim().to_owned();
        let regions = self.0.everywhere();
        let found = regions.iter().find_map(|region| region.credentials(&name));
        let answer = match found {
            None => (404, format!("no function named {name} has a role\n")),
            Some(own) => {
                let variables = json!({
                    "AWS_ACCESS_KEY_ID": own.access_key_id,
                    "AWS_SECRET_ACCESS_KEY": own.secret_access_key,
                    "AWS_SESSION_TOKEN": own.session_token,
                });
                (200, variables.to_string())
            }
        };
        Box::pin(async move { answer })
    }
}

/// Every event that was put on the bus, as JSON.
struct BusDoor(Twin);

impl SideDoor for BusDoor {
    fn handle(&self, _body: Vec<u8>) -> DoorAnswer<'_> {
        let events: Vec<Value> = self
            .0
            .bus()
            .into_iter()
            .map(|seen| json!({"number": seen.number, "at": seen.at.to_string(), "event": seen.event}))
            .collect();
        Box::pin(async move { (200, Value::Array(events).to_string()) })
    }
}

/// The weights of every pair after every change, as JSON.
struct HistoryDoor(Twin);

impl SideDoor for HistoryDoor {
    fn handle(&self, _body: Vec<u8>) -> DoorAnswer<'_> {
        let history = self.0.route53(|route53| route53.history());
        let moments: Vec<Value> = history
            .iter()
            .map(|moment| {
                let pairs: Vec<Value> = moment
                    .sets
                    .iter()
                    .map(|set| json!({"name": set.name, "type": set.record_type, "weights": set.weights}))
                    .collect();
                json!({"at": moment.at.to_string(), "change": moment.change, "pairs": pairs})
            })
            .collect();
        Box::pin(async move { (200, Value::Array(moments).to_string()) })
    }
}
