//! What AWS does by itself at every whole minute.

use crate::twin::Twin;

impl Twin {
    /// A whole minute has come: transitions that are due happen, alarms are evaluated, what they have
    /// to tell is delivered, and schedules that are due invoke their functions: in every region that is lit.
    /// Does not wait for any of it; see [`Twin::quiet`].
    pub async fn minute(&self) {
        for region in self.lit() {
            region.dms(crate::dms::Dms::settle);
        }
        self.measure_replication();
        self.evaluate_alarms();
        self.deliver();
        for region in self.lit() {
            region.keep_schedules();
        }
        // Lets begin what was just started.
        tokio::task::yield_now().await;
    }

    /// Switches all schedules off or on.
    pub fn schedules(&self, on: bool) {
        self.events(|events| events.switch_schedules(on));
    }

    /// Switches the schedules of one function off or on.
    pub fn schedules_of(&self, function_name: &str, on: bool) {
        self.events(|events| events.switch_schedules_of(function_name, on));
    }
}
