//! Events in a story: how they travel, and the ones that somebody sends.

use twin::{Twin, Weather};

use crate::player::PlayError;
use crate::script::{Sent, Sky};
use crate::stage::{Direction, Stage, deployed_name};

/// The samples name this task; on a stage they are about its own.
const SAMPLE_TASK: &str = "arn:aws:dms:eu-central-1:111122223333:task:ABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl Stage {
    /// From now on events travel like this. Returns the sentence that tells it.
    #[must_use]
    pub fn weather(&self, sky: Sky) -> String {
        let regions = self.twin.everywhere();
        let all = |change: &dyn Fn(&Twin)| regions.iter().for_each(change);
        match sky {
            Sky::Fair => {
                all(&|twin| twin.weather(Weather::fair()));
                "events arrive once, in order".to_owned()
            }
            Sky::AllLost => {
                all(&|twin| twin.weather(Weather::all_lost()));
                "every event is lost from now on".to_owned()
            }
            Sky::AllDoubled => {
                all(&|twin| twin.weather(Weather::all_doubled()));
                "every event arrives twice from now on".to_owned()
            }
            Sky::Late(by) => {
                all(&|twin| twin.weather(Weather::delayed(by)));
                format!("every event is {} s late from now on", by.as_secs())
            }
            Sky::Held => {
                all(&Twin::hold);
                "events are held back from now on".to_owned()
            }
            Sky::Released => {
                all(&Twin::release);
                "what was held back arrives".to_owned()
            }
            Sky::Reversed => {
                all(&Twin::release_reversed);
                "what was held back arrives in reverse".to_owned()
            }
        }
    }

    /// Sends a sample of `events/`, over the bus or straight to a function, with the story's time in it.
    pub fn event(&self, sent: &Sent) -> Result<String, PlayError> {
        let text = sample(&sent.sample, &self.twin)?.replace(SAMPLE_TASK, self.task(Direction::Forward));
        send(&self.twin, sent, &text)
    }
}

/// Puts an event on the bus of a region, or hands it to a function there. Returns the sentence that tells it.
pub(crate) fn send(twin: &Twin, sent: &Sent, text: &str) -> Result<String, PlayError> {
    match &sent.to {
        None => {
            twin.inject(text)
                .map_err(|error| PlayError::Line(error.to_string()))?;
            Ok(format!("an event reaches the bus: {}", sent.sample))
        }
        Some(function) => {
            let invoked = twin.invoke_async(&deployed_name(function), text.as_bytes().to_vec());
            invoked.map_err(|unknown| PlayError::Line(unknown.to_string()))?;
            Ok(format!("somebody sends {function} {}", sent.sample))
        }
    }
}

/// The samples are all of one morning; a story is at its own time.
pub(crate) fn sample(name: &str, twin: &Twin) -> Result<String, PlayError> {
    const MORNING: &str = "2026-03-02T09:0";
    let path = format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path)
        .map_err(|error| PlayError::Line(format!("events/{name}.json: {error}")))?;
    let now = twin.clock().now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let mut present = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(MORNING) {
        present.push_str(before);
        present.push_str(&now);
        // What is left of the minute and the seconds.
        rest = after.get(4..).unwrap_or_default();
    }
    present.push_str(rest);
    Ok(present)
}
