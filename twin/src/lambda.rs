//! Lambda: hosted functions, their invocations, and how those end.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::delivery::{Attempt, Cause};
use crate::http_client::as_invocation;
use crate::twin::Twin;

/// A function behind Lambda's Invoke API.
pub trait HostedFunction: Send + Sync {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>>;
}

/// What Lambda hands to a function.
#[derive(Debug, Clone)]
pub struct HostedCall {
    pub request_id: String,
    pub function_name: String,
    pub deadline: Timestamp,
    pub payload: Vec<u8>,
    /// A way back to AWS whose calls are known to be this invocation's, even from tasks that outlive it.
    pub client: SharedHttpClient,
}

/// How a function fails, in the two fields that Lambda passes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {error_message}")]
pub struct FunctionFailure {
    pub error_type: String,
    pub error_message: String,
}

/// An invocation that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    pub request_id: String,
    pub result: Result<Vec<u8>, FunctionFailure>,
}

/// Nobody hosts a function of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no function named {name} is hosted")]
pub struct UnknownFunction {
    pub name: String,
}

#[derive(Clone)]
pub(crate) struct Hosted {
    pub name: String,
    pub function: Arc<dyn HostedFunction>,
    pub timeout: Duration,
}

/// The functions hosted, by name.
#[derive(Default)]
pub(crate) struct Functions {
    hosted: Mutex<HashMap<String, Hosted>>,
}

/// The invocations that run, and those that died before their time.
#[derive(Debug, Default)]
pub(crate) struct Invocations {
    running: Mutex<HashMap<String, Running>>,
    dead: Mutex<HashSet<String>>,
}

#[derive(Debug)]
struct Running {
    function_name: String,
    region: String,
    kill: Option<oneshot::Sender<()>>,
}

impl Twin {
    /// Hosts a function under a name, replacing the one that had it.
    pub fn host(&self, function_name: &str, function: Arc<dyn HostedFunction>, timeout: Duration) {
        let hosted = Hosted {
            name: function_name.to_owned(),
            function,
            timeout,
        };
        self.functions().add(hosted);
    }

    /// Hosts nothing any more, in any region. Functions hold clients that hold this AWS: of one that is dropped with
    /// them, nothing is ever freed.
    pub fn unhost_all(&self) {
        for region in self.everywhere() {
            region.functions().clear();
        }
    }

    /// Invokes a hosted function and waits for its end, as a `RequestResponse` invocation does.
    pub async fn invoke(&self, function_name: &str, payload: Vec<u8>) -> Result<Invocation, UnknownFunction> {
        let hosted = self.functions().named(function_name)?;
        let request_id = self.identifiers().request();
        let twin = self.clone();
        let attempt = Attempt {
            request_id: request_id.clone(),
            number: 1,
            cause: Cause::Direct,
            payload,
        };
        // Whoever stops waiting does not stop the function, nor the watch over its time.
        let watched = tokio::spawn(async move { twin.run(&hosted, attempt).await });
        let result = watched
            .await
            .unwrap_or_else(|_| Err(exited(&request_id, "exit status 1")));
        Ok(Invocation { request_id, result })
    }

    /// One attempt: until the function answers, fails, dies, or runs out of time.
    pub(crate) async fn run(&self, hosted: &Hosted, attempt: Attempt) -> Result<Vec<u8>, FunctionFailure> {
        let _work = self.begin_work();
        if !self.outages().is_lit(self.region()) {
            return Err(unreachable(self.region()));
        }
        let log = &self.delivery().log;
        let number = log.began(self.clock().now(), self.region(), &hosted.name, &attempt);
        let result = self.watch_over(hosted, attempt).await;
        log.ended(number, self.clock().now(), &result);
        result
    }

    async fn watch_over(&self, hosted: &Hosted, attempt: Attempt) -> Result<Vec<u8>, FunctionFailure> {
        let request_id = attempt.request_id.as_str();
        let call = HostedCall {
            request_id: request_id.to_owned(),
            function_name: hosted.name.clone(),
            deadline: self
                .clock()
                .now()
                .saturating_add(hosted.timeout)
                .unwrap_or(Timestamp::MAX),
            payload: attempt.payload.clone(),
            client: self.http_client_for(request_id),
        };
        let killed = self.invocations().begin(request_id, &hosted.name, self.region());
        let function = Arc::clone(&hosted.function);
        // A task of its own: a panic stays inside, and a caller who hangs up does not stop it.
        let running = as_invocation(request_id.to_owned(), async move { function.invoke(call).await });
        let mut task = tokio::spawn(running);
        let ended = tokio::select! {
            biased;
            Ok(()) = killed => Err(exited(request_id, "exit status 1")),
            finished = &mut task => {
                finished.unwrap_or_else(|_| Err(exited(request_id, "exit status 101")))
            }
            () = self.clock().sleep(hosted.timeout) => Err(timed_out(request_id, hosted.timeout)),
        };
        let cut_short = !task.is_finished();
        if cut_short {
            task.abort();
        }
        self.invocations().end(request_id, cut_short);
        ended
    }
}

impl Functions {
    fn add(&self, hosted: Hosted) {
        self.hosted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(hosted.name.clone(), hosted);
    }

    fn clear(&self) {
        self.hosted.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn named(&self, name: &str) -> Result<Hosted, UnknownFunction> {
        let hosted = self.hosted.lock().unwrap_or_else(PoisonError::into_inner);
        hosted.get(name).cloned().ok_or_else(|| UnknownFunction {
            name: name.to_owned(),
        })
    }
}

impl Invocations {
    fn begin(&self, id: &str, function_name: &str, region: &str) -> oneshot::Receiver<()> {
        let (kill, killed) = oneshot::channel();
        // An asynchronous invocation that is tried again keeps its id.
        self.dead
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
        let running = Running {
            function_name: function_name.to_owned(),
            region: region.to_owned(),
            kill: Some(kill),
        };
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.to_owned(), running);
        killed
    }

    fn end(&self, id: &str, cut_short: bool) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
        if cut_short {
            self.dead
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(id.to_owned());
        }
    }

    /// Kills a running invocation. False if none of this id runs.
    pub(crate) fn kill(&self, id: &str) -> bool {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(invocation) = running.get_mut(id) else {
            return false;
        };
        // From here on nothing it still tries has an effect, even before its task is dropped.
        self.dead
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.to_owned());
        if let Some(kill) = invocation.kill.take() {
            // Nobody listens any more if it just ended by itself: then it is dead either way.
            let _ended_by_itself = kill.send(());
        }
        true
    }

    /// Kills everything that runs in a region.
    pub(crate) fn kill_all(&self, region: &str) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let here = running.iter().filter(|(_, one)| one.region == region);
        let ids: Vec<String> = here.map(|(id, _)| id.clone()).collect();
        drop(running);
        for id in ids {
            self.kill(&id);
        }
    }

    pub(crate) fn is_dead(&self, id: &str) -> bool {
        self.dead
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(id)
    }

    pub(crate) fn function_of(&self, id: &str) -> Option<String> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(id).map(|invocation| invocation.function_name.clone())
    }

    /// Where an invocation runs.
    pub(crate) fn region_of(&self, id: &str) -> Option<String> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(id).map(|invocation| invocation.region.clone())
    }
}

/// Nobody is there to start it. Only who plays AWS from within can see this error.
fn unreachable(region: &str) -> FunctionFailure {
    FunctionFailure {
        error_type: "Twin.Unreachable".to_owned(),
        error_message: format!("the region {region} is dark"),
    }
}

fn exited(request_id: &str, how: &str) -> FunctionFailure {
    FunctionFailure {
        error_type: "Runtime.ExitError".to_owned(),
        error_message: format!("RequestId: {request_id} Error: Runtime exited with error: {how}"),
    }
}

fn timed_out(request_id: &str, timeout: Duration) -> FunctionFailure {
    FunctionFailure {
        error_type: "Sandbox.Timedout".to_owned(),
        error_message: format!(
            "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
            timeout.as_secs_f64()
        ),
    }
}
