//! Whether whoever calls may do what they ask for, by their own policies and by those of the resource.

use crate::error::AwsError;
use crate::iam::{Ask, Asked, Caller, Credentials, Guard, Key, Policy, Role, Session, Verdict};
use crate::meaning::Meaning;
use crate::routing::{Route, Service};
use crate::twin::Twin;

/// What an encrypted topic needs its key for, whoever publishes.
const KEY_ACTIONS: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

/// Another service of AWS that acts on its own behalf, and the thing of this account for which it does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agent<'a> {
    /// For example `events.amazonaws.com`.
    pub principal: &'static str,
    /// None where the service does not say.
    pub source_arn: Option<&'a str>,
}

impl Twin {
    /// What a function's code signs its calls with, if the template gave it a role.
    #[must_use]
    pub fn credentials(&self, function_name: &str) -> Option<Credentials> {
        self.iam().credentials(&self.function_arn(function_name))
    }

    /// What was asked so far of IAM by roles and by services, each thing once.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.iam().ledger.all()
    }

    /// A role by its ARN.
    #[must_use]
    pub fn role(&self, arn: &str) -> Option<Role> {
        self.iam().role(arn).map(|role| role.as_ref().clone())
    }

    pub(crate) fn function_arn(&self, name: &str) -> String {
        self.place().arn("lambda", &format!("function:{name}"))
    }

    /// Why a request is refused to a session. None if it is not.
    pub(crate) fn unauthorized(
        &self,
        session: &Session,
        route: &Route,
        meaning: Result<&Meaning, &AwsError>,
    ) -> Option<AwsError> {
        let needed = match meaning {
            Ok(meaning) => self.needs(meaning),
            Err(unreadable) if unreadable.is_unknown_operation() => vec![unknown(route)],
            Err(_) => Vec::new(),
        };
        let judged = needed.into_iter().map(|ask| {
            let verdict = self.verdict(Caller::Session(session), &session.role.arn, &ask);
            (ask, verdict)
        });
        // All of them are judged, so that the ledger has them all.
        let judged: Vec<(Ask, Verdict)> = judged.collect();
        let (ask, verdict) = judged.iter().find(|(_, verdict)| !verdict.is_allowed())?;
        Some(refusal(route, &session.arn(), ask, *verdict))
    }

    /// What somebody is refused although a policy may allow it: the first thing that the request needs.
    pub(crate) fn denied(
        &self,
        principal: &str,
        route: &Route,
        meaning: Result<&Meaning, &AwsError>,
    ) -> AwsError {
        let needed = meaning.map(|meaning| self.needs(meaning)).unwrap_or_default();
        let ask = needed.into_iter().next().unwrap_or_else(|| unknown(route));
        refusal(route, principal, &ask, Verdict::NotByIdentity)
    }

    /// Whether a service may do something to a resource.
    pub(crate) fn service_may(&self, agent: Agent<'_>, action: &str, resource: &str) -> bool {
        let mut ask = Ask::new(action, resource);
        if let Some(arn) = agent.source_arn {
            let account = self.account().to_owned();
            ask = ask.with(Key::SourceArn, arn).with(Key::SourceAccount, account);
        }
        self.verdict(Caller::Service(agent.principal), agent.principal, &ask)
            .is_allowed()
    }

    /// Whether a service may publish to a topic, and use its key for that.
    pub(crate) fn service_may_publish(&self, agent: Agent<'_>, topic: &str) -> bool {
        let key = self.sns(|sns| sns.key_of(topic));
        let may_encrypt = |key: &String| {
            let may = KEY_ACTIONS.map(|action| self.service_may(agent, action, key));
            may.iter().all(|may| *may)
        };
        self.service_may(agent, "sns:Publish", topic) && key.as_ref().is_none_or(may_encrypt)
    }

    /// Whether a function's role may do something that Lambda does for it. One without a role may do everything.
    pub(crate) fn function_may(&self, function_name: &str, ask: &Ask) -> bool {
        let session = self.iam().session_of(&self.function_arn(function_name));
        session.is_none_or(|session| {
            let verdict = self.verdict(Caller::Session(&session), &session.role.arn, ask);
            verdict.is_allowed()
        })
    }

    /// Whether a role that a service takes on may do something. A role that nobody created may do everything.
    pub(crate) fn role_may(&self, role: &str, agent: Agent<'_>, ask: &Ask) -> bool {
        let Some(role) = self.iam().role(role) else {
            return true;
        };
        let source = agent.source_arn.unwrap_or_default();
        let session = Session::of(role, agent.principal);
        session.role.trusts(agent.principal, source)
            && self
                .verdict(Caller::Session(&session), &session.role.arn, ask)
                .is_allowed()
    }

    fn verdict(&self, caller: Caller<'_>, by: &str, ask: &Ask) -> Verdict {
        let policy = self.iam().policy_of(&ask.resource);
        let verdict = caller.judged(guard(ask, policy.as_deref()), ask);
        self.iam().ledger.note(by, ask, verdict);
        verdict
    }

    /// Everything that a request needs, with what other services ask for their part in it.
    fn needs(&self, meaning: &Meaning) -> Vec<Ask> {
        let mut needs = meaning.asks(self.place());
        match meaning {
            Meaning::Sns(request) => {
                let key = request
                    .published_to()
                    .and_then(|topic| self.sns(|sns| sns.key_of(topic)));
                needs.extend(key.into_iter().flat_map(|key: String| {
                    KEY_ACTIONS.map(|action| self.by_way_of("sns", Ask::new(action, key.clone())))
                }));
            }
            Meaning::Ssm(request) => {
                let secret = request.read_alone();
                needs.extend(
                    secret
                        .into_iter()
                        .flat_map(|name| self.ssm(|ssm| ssm.asks_of_secrets(name))),
                );
            }
            Meaning::Rds(request) => {
                let asks = self.with_rds(|rds| rds.asks_of_keys(self.region(), request));
                needs.extend(asks.into_iter().map(|ask| self.by_way_of("rds", ask)));
            }
            Meaning::Route53(_)
            | Meaning::Dms(_)
            | Meaning::CloudWatch(_)
            | Meaning::CallerIdentity
            | Meaning::Invoke(_)
            | Meaning::Events(_)
            | Meaning::AutoScaling(_) => {}
        }
        needs
    }

    /// The use of a key for another service.
    fn by_way_of(&self, service: &str, ask: Ask) -> Ask {
        ask.with(
            Key::ViaService,
            format!("{service}.{}.amazonaws.com", self.region()),
        )
    }
}

fn guard<'a>(ask: &Ask, policy: Option<&'a Policy>) -> Guard<'a> {
    match policy {
        None => Guard::None,
        Some(policy) if ask.service() == "kms" => Guard::Key(policy),
        Some(policy) => Guard::Resource(policy),
    }
}

/// What the twin does not play still needs a permission.
fn unknown(route: &Route) -> Ask {
    Ask::anywhere(format!("{}:{}", route.service.name(), route.operation))
}

/// A refusal as the service words it.
fn refusal(route: &Route, principal: &str, ask: &Ask, verdict: Verdict) -> AwsError {
    // SNS writes its own name in capitals there.
    let action = match ask.action.strip_prefix("sns:") {
        Some(operation) => format!("SNS:{operation}"),
        None => ask.action.clone(),
    };
    let message = format!(
        "User: {principal} is not authorized to perform: {action} on resource: {} {}",
        ask.resource,
        verdict.why(&action)
    );
    if ask.service() == "kms" {
        return key_refusal(&route.service, ask, message);
    }
    let (status, code) = match &route.service {
        Service::Ssm | Service::Dms | Service::Events => (400, "AccessDeniedException"),
        Service::Lambda => (403, "AccessDeniedException"),
        Service::Sns => (403, "AuthorizationError"),
        Service::Route53
        | Service::CloudWatch
        | Service::Sts
        | Service::AutoScaling
        | Service::Rds
        | Service::Unknown(_) => (403, "AccessDenied"),
    };
    AwsError::new(status, code, message)
}

/// How a service passes on that a key was refused to it.
fn key_refusal(service: &Service, ask: &Ask, message: String) -> AwsError {
    match service {
        Service::Sns => AwsError::refused(
            "KMSAccessDenied",
            format!("{message} (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException)"),
        ),
        Service::Rds => AwsError::refused(
            "KMSKeyNotAccessibleFault",
            format!(
                "The specified KMS key [{}] does not exist, is not enabled or you do not have permissions to access it.",
                ask.resource
            ),
        ),
        Service::Ssm
        | Service::Dms
        | Service::Events
        | Service::Lambda
        | Service::Route53
        | Service::CloudWatch
        | Service::Sts
        | Service::AutoScaling
        | Service::Unknown(_) => AwsError::refused("AccessDeniedException", message),
    }
}
