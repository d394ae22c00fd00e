//! A cluster comes, answers, survives a crash, and leaves nothing behind.

use clusters::{Cluster, Installed, Settings};

#[test]
fn a_cluster_answers_survives_a_crash_and_leaves_nothing_behind() {
    let cluster = Cluster::start(&Settings::default()).unwrap();
    assert_eq!(cluster.major, Installed::newest().unwrap().major);
    let answer = cluster
        .sql(
            "postgres",
            "CREATE TABLE kept (id integer);\nINSERT INTO kept VALUES (7), (8);\nTABLE kept",
        )
        .unwrap();
    assert_eq!(answer, "7\n8");
    let refused = cluster.sql("postgres", "TABLE absent").unwrap_err().to_string();
    assert!(refused.contains("\"absent\" does not exist"), "{refused}");
    cluster.kill().unwrap();
    cluster.revive().unwrap();
    assert_eq!(cluster.sql("postgres", "TABLE kept").unwrap(), "7\n8");
    assert!(cluster.log().unwrap().contains("TABLE kept"));
    let (folder, port) = (cluster.socket().to_owned(), cluster.port);
    drop(cluster);
    assert!(!folder.exists());
    assert!(std::net::TcpStream::connect(("localhost", port)).is_err());
}

#[test]
fn a_failed_start_says_what_the_server_said() {
    let settings = Settings {
        configuration: "no_such_setting = 1\n".to_owned(),
        ..Settings::default()
    };
    let failed = Cluster::start(&settings).err().unwrap().to_string();
    assert!(failed.contains("no_such_setting"), "{failed}");
}
