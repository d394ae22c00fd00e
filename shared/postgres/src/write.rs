//! Whether the application can write: tried as the application, on a table of ours, and rolled back.

use crate::error::{DatabaseError, READ_ONLY};
use crate::quoted;
use crate::session::{Database, Manner, Sessions};

const STEP: &str = "try to write as the application";
/// How a server refuses a connection because of a fence: no right to connect, or nobody has one.
const KEPT_OUT: [&str; 2] = ["42501", "55000"];

/// What came of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    Written,
    /// Its transactions are read-only.
    ReadOnly,
    /// It is not let in.
    KeptOut,
}

/// Writes a row and takes it back, over a new connection with the application's login and the server's defaults. Its role
/// needs what [`crate::prepare::tables`] grants. An error proves nothing. One round trip besides the connection's.
pub async fn attempt(sessions: &Sessions, application: &Database) -> Result<Attempt, DatabaseError> {
    let role = quoted::text(&application.login.user);
    let statement = format!("BEGIN; INSERT INTO cutover.write_check (role) VALUES ({role}); ROLLBACK");
    let tried = sessions
        .with(application, Manner::Application, STEP, async |session| {
            session.run(STEP, &statement).await
        })
        .await;
    match tried {
        Ok(()) => Ok(Attempt::Written),
        Err(error) if error.has_code(READ_ONLY) => Ok(Attempt::ReadOnly),
        Err(error) if error.connecting && KEPT_OUT.iter().any(|code| error.has_code(code)) => {
            Ok(Attempt::KeptOut)
        }
        Err(error) => Err(error),
    }
}
