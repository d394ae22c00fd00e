//! Wiring: the function, behind the runtime.

use cutover_aws::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::dr::run(dr_failover::NAME, dr_failover::answer).await
}
