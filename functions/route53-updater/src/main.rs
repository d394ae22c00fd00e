//! Wiring: configuration, clients, runtime.

use cutover_aws::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::run(route53_updater::NAME, |app, invocation, payload| async move {
        route53_updater::answer(&app.world, &app.config.settings, &invocation, &payload).await
    })
    .await
}
