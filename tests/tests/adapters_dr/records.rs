//! The records that lead the application to the writer, moved by the control plane.

use std::time::Duration;

use cutover_core::dr::ports::{Routes, World};
use cutover_core::dr::side::Side;
use cutover_core::error::{Class, PortError};
use rehearsal::dr::setting::DrSetting;
use rehearsal::dr::stage::RECORD;
use rehearsal::stage::ZONE;
use twin::FaultKind;
use twin::route53::RecordSet;

use crate::scene::{CONTROL_PLANE_REGION, PROBE, Scene, chain, on, with};

const CHANGE: &str = "ChangeResourceRecordSets";

async fn moved(scene: &Scene, to: Side) -> Result<String, PortError> {
    scene.world.routes().move_records(to).await
}

fn pair(scene: &Scene) -> Vec<RecordSet> {
    let records = scene.twin.route53(|route53| route53.records(ZONE));
    let of_name = |record: &RecordSet| record.name.trim_end_matches('.') == RECORD;
    records.into_iter().filter(of_name).collect()
}

fn weights(scene: &Scene) -> [Option<u8>; 2] {
    ["primary", "dr"].map(|side| scene.twin.route53(|route53| route53.weight(ZONE, RECORD, side)))
}

/// Has a weighted pair stand where the failover pair stood.
fn weigh(scene: &Scene) {
    scene.twin.route53(|route53| {
        for (side, weight) in [("primary", 100), ("dr", 0)] {
            route53.remove_record(ZONE, RECORD, Some(side));
            let record =
                RecordSet::weighted(RECORD, "CNAME", side, weight, 30, &format!("{side}.example.com"));
            route53.put_record(ZONE, record.checked_by("11111111-2222-3333-4444-555555555555"));
        }
    });
}

#[test]
fn a_failover_pair_is_led_by_its_health_checks_and_not_moved() {
    on(DrSetting::default(), |scene| async move {
        let before = pair(&scene);
        assert_eq!(before.len(), 2);
        let told = moved(&scene, Side::Dr).await.unwrap();
        assert!(
            told.contains("is a failover pair") && told.contains("to the dr side"),
            "{told}"
        );
        assert!(scene.calls(CHANGE).is_empty());
        assert_eq!(pair(&scene), before);
    });
}

#[test]
fn a_weighted_pair_moves_in_one_batch_there_and_back_and_nothing_else_of_it_changes() {
    on(DrSetting::default(), |scene| async move {
        weigh(&scene);
        let before = pair(&scene);
        for (to, expected) in [
            (Side::Dr, [Some(0), Some(100)]),
            (Side::Primary, [Some(100), Some(0)]),
        ] {
            let told = moved(&scene, to).await.unwrap();
            assert!(
                told.contains(&format!("leads to the {to} side (change ")),
                "{told}"
            );
            assert_eq!(weights(&scene), expected);
            let again = moved(&scene, to).await.unwrap();
            assert!(again.contains("already"), "{again}");
        }
        assert_eq!(pair(&scene), before);
        let batches = scene.calls(CHANGE);
        assert_eq!(batches.len(), 2);
        for batch in batches {
            assert_eq!(batch.region, CONTROL_PLANE_REGION);
            let actions: Vec<&str> = batch
                .detail
                .as_array()
                .unwrap()
                .iter()
                .map(|change| change["action"].as_str().unwrap())
                .collect();
            assert_eq!(actions, ["DELETE", "CREATE", "DELETE", "CREATE"]);
        }
    });
}

#[test]
fn a_pair_that_somebody_touches_meanwhile_is_left_as_it_is() {
    on(DrSetting::default(), |scene| async move {
        weigh(&scene);
        scene.fault("route53", CHANGE, FaultKind::Delay(Duration::from_secs(1)));
        let meanwhile = async {
            scene.wait(Duration::from_millis(500)).await;
            scene
                .twin
                .route53(|route53| route53.set_weight(ZONE, RECORD, "primary", 90));
        };
        let (answer, ()) = tokio::join!(moved(&scene, Side::Dr), meanwhile);
        assert_eq!(answer.unwrap_err().class, Class::Conflict);
        assert_eq!(weights(&scene), [Some(90), Some(0)]);
    });
}

#[test]
fn a_pair_without_one_of_its_records_is_named_with_its_variable() {
    on(DrSetting::default(), |scene| async move {
        weigh(&scene);
        scene
            .twin
            .route53(|route53| route53.remove_record(ZONE, RECORD, Some("dr")));
        let error = moved(&scene, Side::Dr).await.unwrap_err();
        assert_eq!(error.class, Class::Permanent);
        assert!(
            chain(&error).contains("DR_SECONDARY_SET_IDENTIFIER"),
            "{}",
            chain(&error)
        );
        assert!(scene.calls(CHANGE).is_empty());
    });
}

#[test]
fn without_records_route_53_is_not_asked() {
    on(
        with(&[("DrHostedZoneId", ""), ("DrRecordName", "")]),
        |scene| async move {
            assert_eq!(
                moved(&scene, Side::Dr).await.unwrap(),
                "no records are configured"
            );
            assert!(scene.calls("ListResourceRecordSets").is_empty());
        },
    );
}

#[test]
fn a_control_plane_that_is_gone_costs_one_probe_and_may_be_asked_again() {
    on(DrSetting::default(), |scene| async move {
        weigh(&scene);
        scene.twin.darken(CONTROL_PLANE_REGION);
        let (answer, took) = Box::pin(scene.timed(moved(&scene, Side::Dr))).await;
        let error = answer.unwrap_err();
        assert_eq!(error.class, Class::Retryable);
        assert!(
            error.operation.starts_with("route53:ListResourceRecordSets"),
            "{}",
            error.operation
        );
        assert!(took <= PROBE, "{took:?}");
        scene.twin.lighten(CONTROL_PLANE_REGION);
        // It may also be the answer to the change that never comes.
        scene.fault("route53", CHANGE, FaultKind::ReplyLost);
        let error = moved(&scene, Side::Dr).await.unwrap_err();
        assert!(error.class != Class::Permanent, "{}", chain(&error));
        scene.twin.faults().clear();
        assert!(moved(&scene, Side::Dr).await.unwrap().contains("already"));
    });
}
