//! Changing an alarm's state, whoever wants it: the evaluation, a composite's rule, or a person.

use winterbaume_cloudwatch::model::SetAlarmStateInput;

use super::CloudWatch;
use super::state::{ALARM, INSUFFICIENT_DATA, OK, State};
use super::telling::{Alarm, Change};
use crate::emission::Emission;
use crate::error::AwsError;

impl CloudWatch {
    pub(super) fn set_state(&mut self, request: &SetAlarmStateInput) -> Result<(), AwsError> {
        let value = request.state_value.as_str();
        if ![OK, ALARM, INSUFFICIENT_DATA].contains(&value) {
            let message = format!(
                "1 validation error detected: Value '{value}' at 'stateValue' failed to satisfy constraint: Member \
                 must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
            );
            return Err(AwsError::refused("ValidationError", message));
        }
        let now = self.place.clock.now();
        let state = State::new(
            value,
            &request.state_reason,
            request.state_reason_data.clone(),
            now,
        );
        if self.change_state(&request.alarm_name, state) {
            return Ok(());
        }
        Err(AwsError::new(
            404,
            "ResourceNotFound",
            format!("No alarm named {} exists.", request.alarm_name),
        ))
    }

    /// The state of an alarm of either kind.
    pub(super) fn state_of(&self, name: &str) -> Option<State> {
        let metric = self.alarms.get(name).map(State::of_metric);
        let composite = || self.composites.get(name);
        metric.or_else(|| composite().map(|known| State::of_composite(&known.alarm)))
    }

    /// Puts an alarm into a state, tells the world if that is a change, and lets composite alarms follow.
    /// False if there is no such alarm.
    pub(super) fn change_state(&mut self, name: &str, state: State) -> bool {
        if let Some(alarm) = self.alarms.get_mut(name) {
            let previous = State::of_metric(alarm);
            let changes = previous.value != state.value;
            state.put_into_metric(alarm);
            if changes {
                self.tell(name, &previous, true);
            }
        } else if self.composites.contains_key(name) {
            self.transition_composite(name, state);
        } else {
            return false;
        }
        self.settle_composites();
        true
    }

    /// Puts the event of a change into the outbox, and the actions that follow from it.
    pub(super) fn tell(&self, name: &str, previous: &State, acts: bool) {
        let metric = self.alarms.get(name).map(Alarm::Metric);
        let composite = || {
            self.composites
                .get(name)
                .map(|known| Alarm::Composite(&known.alarm))
        };
        let Some(alarm) = metric.or_else(composite) else {
            return;
        };
        let change = Change::new(alarm, previous.clone());
        self.place.outbox.put(Emission::Event(change.event()));
        if acts {
            for action in change.actions(&self.place) {
                self.place.outbox.put(Emission::Action(action));
            }
        }
    }

    pub(super) fn arn(&self, name: &str) -> String {
        format!(
            "arn:aws:cloudwatch:{}:{}:alarm:{name}",
            self.place.region, self.place.account
        )
    }
}
