//! The verdict on what is asked: explicit denials first, then whoever allows it, else no.

use super::around::{Around, Seen};
use super::ask::Ask;
use super::document::Policy;
use super::registry::Session;
use super::role::Role;
use super::statement::{Effect, Principals, Statement};

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller<'a> {
    /// Somebody with a role's credentials.
    Session(&'a Session),
    /// Another service of AWS, for example `events.amazonaws.com`.
    Service(&'static str),
}

/// A policy of the resource itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guard<'a> {
    /// It has none.
    None,
    /// Within one account it is enough that either this or the caller's own policy allows.
    Resource(&'a Policy),
    /// What a caller's own policy allows counts only as far as the key's policy leaves it to the account.
    Key(&'a Policy),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Allowed,
    NotByIdentity,
    NotByResource,
    DeniedByIdentity,
    DeniedByResource,
}

impl Verdict {
    #[must_use]
    pub fn is_allowed(self) -> bool {
        self == Self::Allowed
    }

    fn is_explicit(self) -> bool {
        matches!(self, Self::DeniedByIdentity | Self::DeniedByResource)
    }

    /// The end of AWS's sentence that somebody is not authorised.
    pub(crate) fn why(self, action: &str) -> String {
        match self {
            Self::Allowed => String::new(),
            Self::NotByIdentity => format!("because no identity-based policy allows the {action} action"),
            Self::NotByResource => format!("because no resource-based policy allows the {action} action"),
            Self::DeniedByIdentity => "with an explicit deny in an identity-based policy".to_owned(),
            Self::DeniedByResource => "with an explicit deny in a resource-based policy".to_owned(),
        }
    }
}

impl Role {
    /// What its own policies say.
    #[must_use]
    pub fn judged(&self, around: &Around, ask: &Ask) -> Verdict {
        let seen = Seen { ask, around };
        let mut verdict = Verdict::NotByIdentity;
        for statement in self.about(ask).filter(|statement| statement.concerns(seen)) {
            match statement.effect {
                Effect::Deny => return Verdict::DeniedByIdentity,
                Effect::Allow => verdict = Verdict::Allowed,
            }
        }
        verdict
    }
}

impl Caller<'_> {
    /// What its own policies and the resource's say together.
    pub(crate) fn judged(self, guard: Guard<'_>, ask: &Ask) -> Verdict {
        let usual = Around::default();
        match (self, guard) {
            (Self::Service(_), Guard::None) => Verdict::Allowed,
            (Self::Service(_), Guard::Resource(policy) | Guard::Key(policy)) => {
                self.by_resource(policy, Seen { ask, around: &usual })
            }
            (Self::Session(session), Guard::None) => session.role.judged(&session.around, ask),
            (Self::Session(session), Guard::Resource(policy)) => {
                let around = &session.around;
                let own = session.role.judged(around, ask);
                let others = self.by_resource(policy, Seen { ask, around });
                if others == Verdict::DeniedByResource || (others.is_allowed() && !own.is_explicit()) {
                    others
                } else {
                    own
                }
            }
            (Self::Session(session), Guard::Key(policy)) => {
                let around = &session.around;
                let seen = Seen { ask, around };
                let own = session.role.judged(around, ask);
                let others = self.by_resource(policy, seen);
                let left_to_account = delegates(policy, &session.role.account, seen);
                if own.is_explicit() || (left_to_account && !others.is_allowed() && !others.is_explicit()) {
                    own
                } else {
                    others
                }
            }
        }
    }

    fn by_resource(self, policy: &Policy, seen: Seen<'_>) -> Verdict {
        let mut verdict = Verdict::NotByResource;
        for statement in policy
            .statements
            .iter()
            .filter(|statement| statement.concerns(seen))
        {
            match statement.effect {
                _ if !self.is_meant(statement) => {}
                Effect::Deny => return Verdict::DeniedByResource,
                Effect::Allow => verdict = Verdict::Allowed,
            }
        }
        verdict
    }

    /// Whether a statement names this very caller. A denial to an account is one to all its roles; an allowance to an
    /// account only leaves it to the account's own policies.
    fn is_meant(self, statement: &Statement) -> bool {
        match (self, &statement.principals) {
            (_, None | Some(Principals::Everybody)) => true,
            (Self::Service(name), Some(Principals::Listed { services, .. })) => {
                services.iter().any(|service| service == name)
            }
            (Self::Session(session), Some(Principals::Listed { aws, .. })) => {
                let (role, itself) = (&session.role, session.arn());
                aws.iter().any(|principal| {
                    *principal == role.arn
                        || *principal == itself
                        || (statement.effect == Effect::Deny && is_account(principal, &role.account))
                })
            }
        }
    }
}

/// Whether a key's policy leaves what is asked to the policies of its account.
fn delegates(policy: &Policy, account: &str, seen: Seen<'_>) -> bool {
    policy.statements.iter().any(|statement| {
        let named = match &statement.principals {
            Some(Principals::Listed { aws, .. }) => {
                aws.iter().any(|principal| is_account(principal, account))
            }
            Some(Principals::Everybody) | None => false,
        };
        statement.effect == Effect::Allow && named && statement.concerns(seen)
    })
}

fn is_account(principal: &str, account: &str) -> bool {
    let root = principal.strip_prefix("arn:aws:iam::");
    principal == account || root.and_then(|rest| rest.strip_suffix(":root")) == Some(account)
}
