//! Transitions on the default event bus.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use cutover_core::error::{Class, PortError};
use cutover_core::ports::Announcer;
use cutover_core::transition::{DETAIL_TYPE, SOURCE, Transition};

use crate::call_error::{port_error, unbuildable};

#[derive(Debug, Clone)]
pub struct BusAnnouncer {
    client: Client,
}

impl BusAnnouncer {
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Announcer for BusAnnouncer {
    async fn announce(&self, transition: &Transition) -> Result<(), PortError> {
        let operation = "events:PutEvents on the default bus";
        let detail = serde_json::to_string(transition).map_err(|error| unbuildable(operation, error))?;
        let entry = PutEventsRequestEntry::builder()
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .resources(transition.resource())
            .detail(detail)
            .build();
        let output = self.client.put_events().entries(entry).send().await;
        let output = output.map_err(|error| port_error(operation, &error))?;
        // The call succeeds even if its entry did not.
        let refused = output.entries().iter().find_map(|entry| entry.error_code());
        match refused {
            None => Ok(()),
            Some(code) => Err(PortError {
                operation: operation.to_owned(),
                class: Class::Retryable,
                source: format!("the entry was refused: {code}").into(),
            }),
        }
    }
}
