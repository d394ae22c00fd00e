//! What the adapters promise of each service, seen from an invocation.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the functions here are all part of tests, which clippy only sees in those marked so"
)]

use std::collections::BTreeMap;

use rehearsal::player::{Player, call};
use rehearsal::script::Happening;
use rehearsal::stage::{Direction, READER, Setting, Stage, ZONE};
use rehearsal::transcript::Answer;
use rehearsal::virtual_time;
use twin::dms::Table;
use twin::route53::{Alias, RecordSet};
use twin::{Twin, TwinOptions};

const SHIFT_20: &str = r#"{"action":"gradual_cutover","aurora_weight":20}"#;
const SHIFT_10: &str = r#"{"action":"gradual_cutover","aurora_weight":10}"#;

/// Changes the stage, then asks for 20 % of reads.
fn shift_after(change: impl FnOnce(&Stage) + Send) -> (Answer, Twin) {
    shift_of("CNAME", change)
}

/// As [`shift_after`], where the environment's records are of these types.
fn shift_of(types: &str, change: impl FnOnce(&Stage) + Send) -> (Answer, Twin) {
    let setting = Setting {
        parameters: BTreeMap::from([("RecordType".to_owned(), types.to_owned())]),
        ..Setting::default()
    };
    virtual_time::run(|| async {
        let stage = Box::pin(Stage::build(TwinOptions::default(), setting))
            .await
            .unwrap();
        change(&stage);
        let answer = call(&stage, route53_updater::NAME, SHIFT_20).await.unwrap();
        (answer, stage.twin)
    })
    .unwrap()
}

fn codes(answer: &Answer) -> Vec<&'static str> {
    answer
        .as_ref()
        .unwrap()
        .blockers
        .iter()
        .map(|blocker| blocker.code.name())
        .collect()
}

fn records_of(twin: &Twin, name: &str) -> Vec<RecordSet> {
    let records = twin.route53(|route53| route53.records(ZONE));
    records.into_iter().filter(|record| record.name == name).collect()
}

/// Has the records made for each side, with its weight, stand where the reader's pair stood.
fn replace_pair(stage: &Stage, made: impl Fn(&str, u8) -> Vec<RecordSet>) {
    stage.twin.route53(|route53| {
        for (identifier, weight) in [("source", 100), ("target", 0)] {
            route53.remove_record(ZONE, READER, Some(identifier));
            for record in made(identifier, weight) {
                route53.put_record(ZONE, record);
            }
        }
    });
}

#[test]
fn a_table_in_error_on_a_later_page_is_found() {
    let (answer, twin) = shift_after(|stage| {
        let task = stage.task(Direction::Forward);
        stage.twin.dms(|dms| {
            for number in 0..1_200 {
                dms.set_table(task, Table::completed("many", &format!("t{number:05}")));
            }
            let broken = Table {
                state: "Table error".to_owned(),
                ..Table::completed("many", "zz_last")
            };
            dms.set_table(task, broken);
        });
    });
    assert_eq!(codes(&answer), ["tables-in-error"]);
    let pages = twin
        .log()
        .iter()
        .filter(|call| call.operation == "DescribeTableStatistics")
        .count();
    assert!(pages >= 3, "only {pages} pages were asked for");
}

#[test]
fn every_other_field_of_a_record_is_carried_over() {
    let (answer, twin) = shift_of("A", |stage| {
        replace_pair(stage, |identifier, weight| {
            vec![RecordSet {
                values: vec!["192.0.2.10".to_owned(), "192.0.2.11".to_owned()],
                health_check_id: Some("11111111-2222-3333-4444-555555555555".to_owned()),
                ..RecordSet::weighted(READER, "A", identifier, weight, 30, "")
            }]
        });
    });
    assert!(answer.is_ok(), "{answer:?}");
    let records = records_of(&twin, READER);
    assert_eq!(
        records.iter().map(|record| record.weight).collect::<Vec<_>>(),
        [Some(80), Some(20)]
    );
    for record in records {
        assert_eq!((record.ttl_seconds, record.values.len()), (Some(30), 2));
        assert!(record.health_check_id.is_some());
    }
}

#[test]
fn alias_records_and_several_types_move_together() {
    let (answer, twin) = shift_of("A,AAAA", |stage| {
        replace_pair(stage, |identifier, weight| {
            let alias = |kind| RecordSet {
                alias: Some(Alias {
                    hosted_zone_id: "Z215JYRZR1TBD5".to_owned(),
                    dns_name: format!("{identifier}.elb.eu-central-1.amazonaws.com."),
                    evaluate_target_health: true,
                }),
                ttl_seconds: None,
                values: Vec::new(),
                ..RecordSet::weighted(READER, kind, identifier, weight, 0, "")
            };
            vec![alias("A"), alias("AAAA")]
        });
    });
    assert!(answer.is_ok(), "{answer:?}");
    let weights: Vec<Option<u8>> = records_of(&twin, READER)
        .iter()
        .map(|record| record.weight)
        .collect();
    assert_eq!(weights, [Some(80), Some(20), Some(80), Some(20)]);
}

#[test]
fn types_that_disagree_are_not_moved() {
    let (answer, twin) = shift_after(|stage| {
        replace_pair(stage, |identifier, weight| {
            vec![RecordSet::weighted(
                READER,
                "A",
                identifier,
                weight,
                60,
                "192.0.2.1",
            )]
        });
        let lone = RecordSet::weighted(READER, "AAAA", "source", 100, 60, "2001:db8::1");
        stage.twin.route53(|route53| route53.put_record(ZONE, lone));
    });
    assert_eq!(codes(&answer), ["record-missing"]);
    assert!(
        records_of(&twin, READER)
            .iter()
            .all(|record| record.weight != Some(20))
    );
}

#[test]
fn a_ttl_over_the_limit_holds_with_both_numbers() {
    let (answer, _) = shift_after(|stage| {
        replace_pair(stage, |identifier, weight| {
            vec![RecordSet::weighted(
                READER,
                "CNAME",
                identifier,
                weight,
                300,
                "db.example.com",
            )]
        });
    });
    assert_eq!(codes(&answer), ["ttl-too-high"]);
    let message = &answer.unwrap().blockers[0].message;
    assert!(message.contains("300 s") && message.contains("60 s"), "{message}");
}

#[test]
fn a_task_that_does_not_exist_is_named_with_its_variable() {
    let (answer, _) = shift_after(|stage| {
        let task = stage.task(Direction::Forward).to_owned();
        stage.twin.dms(|dms| dms.delete_task(&task));
    });
    assert_eq!(codes(&answer), ["replication-not-running"]);
    let message = &answer.unwrap().blockers[0].message;
    assert!(
        message.contains("DMS_TASK_ARN") && message.contains("ResourceNotFoundFault"),
        "{message}"
    );
}

#[test]
fn notices_can_be_filtered_and_have_a_subject_that_sns_takes() {
    let (_, twin) = shift_after(|_| ());
    let published = twin.sns(|sns| sns.published().clone());
    let notice = published.first().unwrap();
    for (attribute, value) in [
        ("environment", "dev"),
        ("severity", "info"),
        ("kind", "transition"),
        ("generation", "1"),
    ] {
        assert_eq!(notice.attributes.get(attribute).map(String::as_str), Some(value));
    }
    let subject = notice.subject.clone().unwrap();
    assert!(
        subject.is_ascii() && subject.len() <= 100 && subject.starts_with("[info] cutover dev: "),
        "{subject}"
    );
    assert!(
        notice
            .message
            .contains("aws lambda invoke --function-name route53-updater-dev")
    );
}

#[test]
fn old_journal_entries_are_pruned_and_young_or_recent_ones_are_kept() {
    let (names, first) = virtual_time::run(|| async {
        let options = TwinOptions {
            rates: false,
            ..TwinOptions::default()
        };
        let stage = Box::pin(Stage::build(options, Setting::default())).await.unwrap();
        for _ in 0..65 {
            for payload in [SHIFT_20, SHIFT_10] {
                call(&stage, route53_updater::NAME, payload)
                    .await
                    .unwrap()
                    .unwrap();
            }
        }
        // Whoever watches would add generations of its own; here they are counted.
        for watcher in [dms_monitor::NAME, alarm_rollback::NAME] {
            stage.twin.schedules_of(&stage.function(watcher), false);
        }
        let mut player = Player::new(stage);
        let story = "advance 3m\nticks off\nadvance 25h\nticks on\nadvance 8m";
        for happening in rehearsal::script::parse(story).unwrap() {
            player.play(&happening).await.unwrap();
        }
        let names = player.stage.twin.ssm(|ssm| ssm.names("/migration/dev/journal/"));
        player.play(&Happening::Ticks(false)).await.unwrap();
        (names, player.stage.state().unwrap()["journal_first"].as_u64())
    })
    .unwrap();
    assert_eq!(first, Some(30), "130 generations, of which 100 are kept");
    assert_eq!(
        names.first().map(String::as_str),
        Some("/migration/dev/journal/00000030")
    );
    assert_eq!(
        names.last().map(String::as_str),
        Some("/migration/dev/journal/00000130")
    );
}

#[test]
fn a_flip_that_does_not_get_in_sync_is_told_once_and_finished_when_it_does() {
    let (notices, phases) = virtual_time::run(|| async {
        let stage = Box::pin(Stage::build(TwinOptions::default(), Setting::default())).await.unwrap();
        stage.twin.route53(|route53| route53.propagation = std::time::Duration::from_mins(25));
        let mut player = Player::new(stage);
        let mut phases = Vec::new();
        for story in [
            "lag idle\nadvance 2m\ninvoke route53-updater {\"action\":\"manual_cutover\",\"writes_stopped\":true}",
            "advance 20m",
            "advance 20m",
        ] {
            for happening in rehearsal::script::parse(story).unwrap() {
                player.play(&happening).await.unwrap();
            }
            phases.push(player.stage.state().unwrap()["phase"].as_str().unwrap().to_owned());
        }
        (player.stage.twin.sns(|sns| sns.published().clone()), phases)
    })
    .unwrap();
    assert_eq!(phases, ["cutting-over", "cutting-over", "cut-over"]);
    let waiting: Vec<_> = notices
        .iter()
        .filter(|notice| notice.message.contains("is not in sync 600 s after its change"))
        .collect();
    assert_eq!(waiting.len(), 1, "{notices:#?}");
}
