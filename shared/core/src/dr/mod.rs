//! The loss of a region, and the planned move of a writer to another: every decision about it, and nothing else.
//!
//! Reading order: the words (`side`, `phase`, `verb`), what is asked (`command`) and seen (`observation`), what it says
//! (`votes`, `loss`, `candidate`), the decision (`decide`), what it writes (`record`, `state`, `timeline`), and how it is
//! carried out over the [`ports`] (`engine`).

pub mod account;
pub mod candidate;
pub mod command;
pub mod decide;
pub mod engine;
pub mod loss;
pub mod metrics;
pub mod observation;
pub mod phase;
pub mod plan;
pub mod policy;
pub mod ports;
pub mod record;
pub mod report;
pub mod roles;
pub mod settings;
pub mod side;
pub mod standing;
pub mod state;
pub mod timeline;
pub mod trigger;
pub mod verb;
pub mod votes;
pub mod window;

use crate::subject::Subject;

/// The handling of a disaster, as a journal's subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disaster;

impl Subject for Disaster {
    type Action = phase::Action;
    type Phase = phase::Phase;
    type Record = record::Record;
    type Step = plan::Step;
    type State = state::State;
}

/// An entry of this journal.
pub type Entry = crate::journal::Entry<Disaster>;
