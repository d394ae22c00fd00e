//! Writing the snapshot where others write it too.

use super::Run;
use crate::error::PortError;
use crate::ports::World;
use crate::saving;
use crate::state::State;

impl<W: World> Run<'_, W> {
    pub(super) async fn save(&self, state: &mut State) -> Result<(), PortError> {
        saving::save(self.world.log(), state, &self.wrote).await
    }
}
