//! Events in a story: how they travel, and the ones that somebody sends.

use twin::Weather;

use crate::player::PlayError;
use crate::script::{Sent, Sky};
use crate::stage::{Direction, Stage};

/// The samples name this task; on a stage they are about its own.
const SAMPLE_TASK: &str = "arn:aws:dms:eu-central-1:111122223333:task:ABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl Stage {
    /// From now on events travel like this. Returns the sentence that tells it.
    #[must_use]
    pub fn weather(&self, sky: Sky) -> String {
        let twin = &self.twin;
        match sky {
            Sky::Fair => {
                twin.weather(Weather::fair());
                "events arrive once, in order".to_owned()
            }
            Sky::AllLost => {
                twin.weather(Weather::all_lost());
                "every event is lost from now on".to_owned()
            }
            Sky::AllDoubled => {
                twin.weather(Weather::all_doubled());
                "every event arrives twice from now on".to_owned()
            }
            Sky::Late(by) => {
                twin.weather(Weather::delayed(by));
                format!("every event is {} s late from now on", by.as_secs())
            }
            Sky::Held => {
                twin.hold();
                "events are held back from now on".to_owned()
            }
            Sky::Released => {
                twin.release();
                "what was held back arrives".to_owned()
            }
            Sky::Reversed => {
                twin.release_reversed();
                "what was held back arrives in reverse".to_owned()
            }
        }
    }

    /// Sends a sample of `events/`, over the bus or straight to a function, with the story's time in it.
    pub fn event(&self, sent: &Sent) -> Result<String, PlayError> {
        let path = format!("{}/../events/{}.json", env!("CARGO_MANIFEST_DIR"), sent.sample);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| PlayError::Line(format!("events/{}.json: {error}", sent.sample)))?;
        let text = self.made_present(&text);
        match &sent.to {
            None => {
                self.twin
                    .inject(&text)
                    .map_err(|error| PlayError::Line(error.to_string()))?;
                Ok(format!("an event reaches the bus: {}", sent.sample))
            }
            Some(function) => {
                let name = self.function(function);
                let invoked = self.twin.invoke_async(&name, text.into_bytes());
                invoked.map_err(|unknown| PlayError::Line(unknown.to_string()))?;
                Ok(format!("somebody sends {function} {}", sent.sample))
            }
        }
    }

    /// The samples are all of one morning; a story is at its own time.
    fn made_present(&self, text: &str) -> String {
        const MORNING: &str = "2026-03-02T09:0";
        let now = self.twin.clock().now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let mut present = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(MORNING) {
            present.push_str(before);
            present.push_str(&now);
            // What is left of the minute and the seconds.
            rest = after.get(4..).unwrap_or_default();
        }
        present.push_str(rest);
        present.replace(SAMPLE_TASK, self.task(Direction::Forward))
    }
}
