//! A runtime whose time passes only when everybody waits.

use std::future::Future;
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// Stack of the thread it runs on, in bytes: the SDK's futures, unoptimised and nested as deep as an invocation
/// inside an invocation, take more than the 2 MiB that threads get by default.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Runs what `story` makes to its end, in virtual time, on a thread of its own.
pub fn run<T, F, S>(story: S) -> std::io::Result<T>
where
    T: Send,
    F: Future<Output = T>,
    S: FnOnce() -> F + Send,
{
    std::thread::scope(|scope| {
        spawn(scope, || run_here(story))?
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A thread on which stories can run, one after the other.
pub fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> std::io::Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work)
}

/// Runs what `story` makes to its end, in virtual time, on this thread, which must be one of [`spawn`].
pub fn run_here<T, F: Future<Output = T>>(story: impl FnOnce() -> F) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    Ok(runtime.block_on(story()))
}
