//! Somebody who does the same over and over again.

use crate::player::{PlayError, Player, spoken};
use crate::script::Often;
use crate::transcript::Line;

impl Player {
    /// Invokes a function so often, one payload after the other. Neither answers nor notices are told, only how often.
    pub(crate) async fn often(&mut self, often: &Often) -> Result<(), PlayError> {
        let Often {
            times,
            every,
            function,
            payloads,
        } = often;
        let name = self.stage.function(function);
        for payload in payloads.iter().cycle().take(*times) {
            let twin = self.stage.home_of(function);
            let invoked = twin.invoke(&name, payload.clone().into_bytes()).await;
            invoked.map_err(|unknown| PlayError::Line(unknown.to_string()))?;
            twin.clock().sleep(*every).await;
        }
        self.notices_told = self.stage.twin.sns(|sns| sns.published().len());
        if let Some(dr) = &self.stage.dr {
            self.beside.pass_over(dr);
        }
        let at = self.stage.twin.clock().now();
        let (every, payloads) = (spoken(*every), payloads.join(" and "));
        let what = format!("somebody has invoked {function} {times} times, every {every}, with {payloads}");
        self.transcript.push(at, Line::Happened(what));
        Ok(())
    }
}
