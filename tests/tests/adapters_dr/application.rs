//! The application's own configuration, and its instances.

use std::time::Duration;

use cutover_core::dr::ports::{Application, World};
use cutover_core::dr::side::Side;
use cutover_core::error::Class;
use rehearsal::dr::setting::DrSetting;
use rehearsal::dr::stage::{APPLICATION, DR_REGION, GROUP};
use twin::{Fault, FaultKind};

use crate::scene::{Scene, chain, on};

/// What the application reads: its endpoint, and the name of its secret.
fn configured(scene: &Scene) -> [String; 2] {
    ["endpoint", "secret"].map(|name| {
        let name = format!("{APPLICATION}/{name}");
        scene.there.ssm(|ssm| ssm.value(&name)).unwrap()
    })
}

fn refreshes(scene: &Scene) -> usize {
    scene.there.autoscaling(|groups| groups.refreshes(GROUP)).len()
}

#[test]
fn endpoint_and_secret_are_set_together_there_and_back() {
    on(DrSetting::default(), |scene| async move {
        let application = scene.world.application();
        let before = configured(&scene);
        assert_eq!(before[1], "orders/primary");
        application.configure(Side::Dr, "dr.example.com").await.unwrap();
        assert_eq!(configured(&scene), ["dr.example.com", "orders/dr"]);
        application.configure(Side::Primary, &before[0]).await.unwrap();
        assert_eq!(configured(&scene), before);
        assert_eq!(scene.regions("PutParameter"), [DR_REGION; 4]);
    });
}

#[test]
fn a_parameter_that_cannot_be_set_is_named() {
    for name in ["endpoint", "secret"] {
        on(DrSetting::default(), move |scene| async move {
            let fault = Fault {
                subject_contains: Some(format!("/{name}")),
                times: None,
                ..Fault::once("ssm", "PutParameter", FaultKind::Deny)
            };
            scene.twin.faults().add(fault);
            let application = scene.world.application();
            let error = application
                .configure(Side::Dr, "dr.example.com")
                .await
                .unwrap_err();
            assert_eq!(error.operation, format!("ssm:PutParameter {APPLICATION}/{name}"));
            assert_eq!(error.class, Class::Permanent);
        });
    }
}

#[test]
fn only_the_endpoint_is_set_where_no_secrets_are_named() {
    on(DrSetting::default(), |scene| async move {
        let world = scene.world_with(|config| config.application.as_mut().unwrap().secrets = None);
        world
            .application()
            .configure(Side::Dr, "dr.example.com")
            .await
            .unwrap();
        assert_eq!(configured(&scene), ["dr.example.com", "orders/primary"]);
        let nothing = scene.world_with(|config| config.application = None);
        nothing.application().configure(Side::Dr, "x").await.unwrap();
        assert_eq!(scene.calls("PutParameter").len(), 1);
    });
}

#[test]
fn instances_are_replaced_once_and_a_replacement_under_way_counts_as_started() {
    on(DrSetting::default(), |scene| async move {
        let application = scene.world.application();
        let started = application.refresh().await.unwrap();
        assert!(started.starts_with("orders-app: started ("), "{started}");
        for wait in [Duration::ZERO, Duration::from_mins(1)] {
            scene.wait(wait).await;
            assert_eq!(
                application.refresh().await.unwrap(),
                "orders-app: under way already"
            );
        }
        assert_eq!(refreshes(&scene), 1);
        assert_eq!(scene.regions("StartInstanceRefresh"), [DR_REGION; 3]);
    });
}

#[test]
fn a_lost_reply_starts_no_second_replacement() {
    on(DrSetting::default(), |scene| async move {
        let once = Fault::once("autoscaling", "StartInstanceRefresh", FaultKind::ReplyLost);
        scene.twin.faults().add(once);
        let told = scene.world.application().refresh().await.unwrap();
        assert_eq!(told, "orders-app: under way already");
        assert_eq!(refreshes(&scene), 1);
    });
}

#[test]
fn a_group_that_there_is_not_is_an_error_and_the_others_are_replaced() {
    on(DrSetting::default(), |scene| async move {
        let groups = vec!["forgotten".to_owned(), GROUP.to_owned()];
        let world = scene.world_with(|config| config.auto_scaling_groups = groups);
        let error = world.application().refresh().await.unwrap_err();
        assert_eq!(error.class, Class::Permanent);
        assert!(
            chain(&error).starts_with("autoscaling:StartInstanceRefresh forgotten failed: ValidationError"),
            "{}",
            chain(&error)
        );
        assert_eq!(refreshes(&scene), 1);
    });
}
