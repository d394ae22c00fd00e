//! Who may do what, what takes it away, and which stories show that it is needed.

pub mod evidence;
pub mod granted;
pub mod reasons;
pub mod removal;
pub mod report;
