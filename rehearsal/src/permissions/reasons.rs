//! Why each permission is there, in a sentence, and which of them no story can show.

/// What a statement is for. A statement of several functions has one reason.
const REASONS: [(&str, &str); 43] = [
    (
        "AppendJournal",
        "Claims the next generation: create-only, so that exactly one writer succeeds.",
    ),
    (
        "CallFunctions",
        "Asks the hooks before and after a planned switch, and pauses the migration beside it.",
    ),
    (
        "ChangeOurRecords",
        "Changes the weights of its own names and types by DELETE and CREATE; UPSERT would overwrite somebody's change.",
    ),
    (
        "ConfigureApplication",
        "Tells the application the endpoint and the secret of the side that serves.",
    ),
    (
        "DecryptSecrets",
        "Reads secrets that are encrypted with a key of the account, by way of Secrets Manager alone.",
    ),
    (
        "EncryptNotices",
        "Publishes to the encrypted topic, by way of SNS alone.",
    ),
    (
        "FindLostWrites",
        "Looks for the snapshot in which AWS keeps the writes that a promotion lost.",
    ),
    (
        "FollowChanges",
        "Learns when a change of weights is in sync, from which bake times and the writer's flip count.",
    ),
    (
        "Forward",
        "Puts what RDS tells in the primary region on the DR region's bus.",
    ),
    (
        "JoinNetwork",
        "Lambda makes the function's network interfaces in its name.",
    ),
    (
        "KeepDeadLetters",
        "Lambda puts what failed at every attempt into the function's queue in its name.",
    ),
    (
        "KeepLostWrites",
        "Copies that snapshot under a name of its own before it expires.",
    ),
    (
        "LeaveNetworkAlone",
        "The function's own code never touches network interfaces, although Lambda may in its name.",
    ),
    (
        "MoveWriterBetweenRegions",
        "Promotes, switches over and, where versions have drifted apart, detaches the member.",
    ),
    (
        "MoveWriterWithinCluster",
        "Moves the writer to another instance when the leading one does not serve.",
    ),
    (
        "NeverRewriteJournal",
        "Whatever another policy allows, no entry of the journal is ever rewritten.",
    ),
    ("Notify", "Tells people of every transition."),
    (
        "PromoteReplica",
        "Promotes a cross-region read replica where there is no global cluster.",
    ),
    (
        "PruneJournal",
        "Deletes entries that are a day old and far behind the head.",
    ),
    ("ReadAlarms", "Reads an alarm back before it is believed."),
    (
        "ReadClusters",
        "Looks at roles, status and endpoints of both clusters.",
    ),
    (
        "ReadGlobalCluster",
        "Looks at who is the writer, and whether an operation is under way.",
    ),
    (
        "ReadInstances",
        "Looks whether a cluster has instances that can serve.",
    ),
    (
        "ReadKeysOfLostWrites",
        "RDS looks at the key of an encrypted snapshot before it copies it.",
    ),
    (
        "ReadLag",
        "Reads the replication's lag and what limits watch; a metric is not a resource.",
    ),
    (
        "ReadMigration",
        "Reads the state of the migration beside it, whose cutover decides who has the last writes.",
    ),
    (
        "ReadRecords",
        "Looks at the records before it decides, and again to verify.",
    ),
    (
        "ReadReplicationTasks",
        "Looks at the tasks, and learns the instance's name, which metrics need.",
    ),
    (
        "ReadSecrets",
        "Reads the logins with which the clusters are asked for their roles.",
    ),
    (
        "ReadSecretsByReference",
        "Reads them by way of Parameter Store, which saves a client of their own.",
    ),
    (
        "ReadSignals",
        "Reads alarms back, and the lag; with less than everything composite alarms are left out without a word.",
    ),
    (
        "ReadState",
        "Reads the snapshot, an earlier version of it, and the journal's entries past the head that it knows.",
    ),
    (
        "ReadTableStatistics",
        "Counts tables in error and rows that do not match.",
    ),
    (
        "RefreshInstances",
        "Replaces the application's instances after a switch.",
    ),
    (
        "RestartTasks",
        "Starts again what stopped recoverably; it stops nothing.",
    ),
    (
        "RunReverseTask",
        "Starts reverse replication before the first write on the target, and stops it at the point of no return.",
    ),
    (
        "SayWhoServes",
        "Publishes the metric that the health checks follow, in its own namespace.",
    ),
    (
        "SeeNetwork",
        "Lambda looks at the subnets and its interfaces in the function's name.",
    ),
    (
        "TellTransitions",
        "Announces its own transitions on the default bus, and nothing else.",
    ),
    (
        "Trace",
        "The runtime sends traces in the function's name when tracing is on.",
    ),
    (
        "UseKeysForLostWrites",
        "RDS takes a grant on the key of an encrypted snapshot, for itself alone, to copy it.",
    ),
    ("WriteLogs", "Lambda writes the function's log in its name."),
    ("WriteState", "Rewrites the snapshot after each transition."),
];

/// Done by Lambda in the function's name, and not by a call that a story could see: the statement, and who does it.
const BY_LAMBDA: [(&str, &str); 4] = [
    ("JoinNetwork", "Lambda, when it puts the function into a VPC"),
    ("SeeNetwork", "Lambda, when it puts the function into a VPC"),
    ("Trace", "Lambda, when tracing is on"),
    ("WriteLogs", "Lambda, for everything that the function prints"),
];

/// Why a statement is there.
#[must_use]
pub fn reason(sid: &str) -> Option<&'static str> {
    REASONS
        .iter()
        .find(|(known, _)| *known == sid)
        .map(|(_, reason)| *reason)
}

/// Who does it, if no call of the function's own does.
#[must_use]
pub fn by_lambda(sid: &str) -> Option<&'static str> {
    BY_LAMBDA
        .iter()
        .find(|(known, _)| *known == sid)
        .map(|(_, who)| *who)
}

/// All statements that have a reason.
pub fn known() -> impl Iterator<Item = &'static str> {
    REASONS.iter().map(|(sid, _)| *sid)
}
