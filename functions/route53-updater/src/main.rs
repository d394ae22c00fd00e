//! Wiring: configuration, clients, runtime.

use cutover_aws::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Box::pin(lambda::run(
        route53_updater::NAME,
        |app, invocation, payload| async move {
            Box::pin(route53_updater::answer(
                &app.world,
                &app.config.settings,
                &app.config.identity,
                &invocation,
                &payload,
            ))
            .await
        },
    ))
    .await
}
