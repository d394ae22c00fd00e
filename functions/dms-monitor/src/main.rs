//! Wiring: the function, behind the runtime.

use cutover_aws::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::run(dms_monitor::NAME, dms_monitor::answer).await
}
