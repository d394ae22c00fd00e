//! Story lines that break things: `fault …` and `crash …`.

use twin::{Fault, FaultKind};

use crate::script::{duration, number};

/// `fault SERVICE KIND [TIMES] [of OPERATION] [on SUBJECT]`
pub(crate) fn fault(rest: &str) -> Result<Fault, String> {
    let mut words = rest.split_whitespace();
    let service = words
        .next()
        .ok_or("fault SERVICE KIND [TIMES] [of OPERATION] [on SUBJECT]")?;
    let kind = match words.next() {
        Some("throttle") => FaultKind::Throttle,
        Some("fail") => FaultKind::FailBefore,
        Some("reply-lost") => FaultKind::ReplyLost,
        Some("deny") => FaultKind::Deny,
        Some("delay") => FaultKind::Delay(duration(words.next().unwrap_or_default())?),
        Some("crash-before") => FaultKind::CrashBefore,
        Some("crash-after") => FaultKind::CrashAfter,
        Some(other) => return Err(format!("{other:?} is no kind of fault")),
        None => return Err("which kind of fault?".to_owned()),
    };
    let mut fault = Fault {
        service: Some(service.to_owned()),
        ..Fault::always(kind)
    };
    while let Some(word) = words.next() {
        match word {
            "of" => fault.operation = words.next().map(str::to_owned),
            "on" => fault.subject_contains = words.next().map(str::to_owned),
            times => fault.times = Some(number(times)?),
        }
    }
    Ok(fault)
}

/// `crash before|after STEP`: the call by which that step takes effect.
pub(crate) fn crash(rest: &str) -> Result<Fault, String> {
    let (moment, step) = rest.split_once(' ').ok_or("crash before|after STEP")?;
    let kind = match moment {
        "before" => FaultKind::CrashBefore,
        "after" => FaultKind::CrashAfter,
        other => return Err(format!("{other:?} is neither before nor after")),
    };
    let (service, operation, subject) = match step {
        "claim" => ("ssm", "PutParameter", "/journal/"),
        "set-reader-weight" | "set-shared-weight" => ("route53", "ChangeResourceRecordSets", "reader"),
        "set-writer-weight" => ("route53", "ChangeResourceRecordSets", "writer"),
        "start-reverse" => ("dms", "StartReplicationTask", ""),
        "stop-reverse" => ("dms", "StopReplicationTask", ""),
        "promote" => ("rds", "FailoverGlobalCluster", ""),
        "publish-serve-metric" => ("cloudwatch", "PutMetricData", ""),
        "configure-application" => ("ssm", "PutParameter", "/app/"),
        "refresh-instances" => ("autoscaling", "StartInstanceRefresh", ""),
        "write-state" => ("ssm", "PutParameter", "/state"),
        "notify" => ("sns", "Publish", ""),
        other => return Err(format!("{other:?} is no step with a call of its own")),
    };
    Ok(Fault {
        subject_contains: Some(subject.to_owned()),
        ..Fault::once(service, operation, kind)
    })
}
