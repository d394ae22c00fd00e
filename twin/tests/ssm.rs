//! Parameter Store, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_sdk_ssm::types::{ParameterTier, ParameterType};

#[tokio::test(start_paused = true)]
async fn a_parameter_is_created_once() {
    let (twin, client) = sdk::parameter_store();
    let create = async |value: &str| {
        client
            .put_parameter()
            .name("/migration/dev/journal/00000001")
            .value(value)
            .r#type(ParameterType::String)
            .send()
            .await
    };
    assert_eq!(create("first").await.unwrap().version(), 1);
    let error = create("second").await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_parameter_already_exists());
    assert_eq!(
        twin.ssm(|ssm| ssm.value("/migration/dev/journal/00000001"))
            .as_deref(),
        Some("first")
    );
    assert_eq!(twin.log()[1].detail["overwrite"], false);
}

#[tokio::test(start_paused = true)]
async fn overwriting_counts_versions_and_the_old_ones_can_be_read() {
    let (twin, client) = sdk::parameter_store();
    for value in 1..=120 {
        twin.ssm(|ssm| ssm.put("/a/state", &value.to_string()));
    }
    let put = client
        .put_parameter()
        .name("/a/state")
        .value("121")
        .overwrite(true)
        .send()
        .await
        .unwrap();
    assert_eq!(put.version(), 121);
    let got = client.get_parameter().name("/a/state").send().await.unwrap();
    let parameter = got.parameter().unwrap();
    assert_eq!(parameter.value(), Some("121"));
    assert_eq!(
        parameter.arn(),
        Some("arn:aws:ssm:eu-central-1:111122223333:parameter/a/state")
    );
    assert_eq!(parameter.last_modified_date().unwrap().secs(), 1_772_442_000);
    let older = client.get_parameter().name("/a/state:120").send().await.unwrap();
    assert_eq!(older.parameter().unwrap().value(), Some("120"));

    let mut pages = client
        .get_parameter_history()
        .name("/a/state")
        .max_results(50)
        .into_paginator()
        .send();
    let mut versions = Vec::new();
    while let Some(page) = pages.next().await {
        versions.extend(
            page.unwrap()
                .parameters()
                .iter()
                .map(aws_sdk_ssm::types::ParameterHistory::version),
        );
    }
    assert_eq!(versions, (22..=121).collect::<Vec<i64>>());
}

#[tokio::test(start_paused = true)]
async fn values_are_limited_by_size_and_content() {
    let (_twin, client) = sdk::parameter_store();
    let put = async |value: String, tier: ParameterTier| {
        let request = client
            .put_parameter()
            .name("/a/x")
            .value(value)
            .r#type(ParameterType::String);
        request.overwrite(true).tier(tier).send().await
    };
    put("x".repeat(4096), ParameterTier::Standard).await.unwrap();
    let error = put("x".repeat(4097), ParameterTier::Standard).await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
    assert!(
        error
            .message()
            .unwrap()
            .starts_with("Standard tier parameters support a maximum parameter value of 4096")
    );
    let error = put("{{ssm:other}}".to_owned(), ParameterTier::Standard)
        .await
        .unwrap_err();
    assert!(error.message().unwrap().contains("nest another parameter"));
    let grown = put("x".repeat(4097), ParameterTier::IntelligentTiering)
        .await
        .unwrap();
    assert_eq!(grown.tier(), Some(&ParameterTier::Advanced));
    let error = put("x".to_owned(), ParameterTier::Standard).await.unwrap_err();
    assert!(error.message().unwrap().contains("downgrade"));
}

#[tokio::test(start_paused = true)]
async fn a_path_is_read_page_by_page() {
    let (twin, client) = sdk::parameter_store();
    twin.ssm(|ssm| {
        for number in 1..=23 {
            ssm.put(&format!("/m/dev/journal/{number:08}"), "entry");
        }
        ssm.put("/m/dev/journal-notes", "not below the path");
        ssm.put("/m/dev/journal/archive/1", "deeper");
    });
    let read = async |recursive: bool| {
        let request = client
            .get_parameters_by_path()
            .path("/m/dev/journal")
            .recursive(recursive)
            .max_results(10);
        let mut pages = request.into_paginator().send();
        let mut sizes = Vec::new();
        while let Some(page) = pages.next().await {
            sizes.push(page.unwrap().parameters().len());
        }
        sizes
    };
    assert_eq!(read(false).await, [10, 10, 3]);
    assert_eq!(read(true).await, [10, 10, 4]);
    let error = client
        .get_parameters_by_path()
        .path("/m")
        .max_results(11)
        .send()
        .await
        .unwrap_err();
    assert!(error.message().unwrap().contains("less than or equal to 10"));
    let error = client
        .get_parameters_by_path()
        .path("/m")
        .next_token("forged")
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_invalid_next_token());
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_said() {
    let (twin, client) = sdk::parameter_store();
    twin.ssm(|ssm| ssm.put("/a/x", "1"));
    let error = client.get_parameter().name("/a/y").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_parameter_not_found());
    let several = client
        .get_parameters()
        .names("/a/x")
        .names("/a/y")
        .send()
        .await
        .unwrap();
    assert_eq!(several.parameters().len(), 1);
    assert_eq!(several.invalid_parameters(), ["/a/y"]);
    let deleted = client
        .delete_parameters()
        .names("/a/x")
        .names("/a/y")
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.deleted_parameters(), ["/a/x"]);
    assert_eq!(deleted.invalid_parameters(), ["/a/y"]);
    let error = client.delete_parameter().name("/a/x").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_parameter_not_found());
}

#[tokio::test(start_paused = true)]
async fn names_and_types_are_checked() {
    let (_twin, client) = sdk::parameter_store();
    let error = client
        .put_parameter()
        .name("/ssm/x")
        .value("1")
        .r#type(ParameterType::String)
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .message()
            .unwrap()
            .contains("can't be prefixed with \"ssm\"")
    );
    let error = client
        .put_parameter()
        .name("/a/x")
        .value("1")
        .send()
        .await
        .unwrap_err();
    assert!(error.message().unwrap().contains("parameter type is required"));
}
