//! Which roles there are, whose credentials are whose, and what resources say for themselves.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use http::HeaderMap;

use super::around::Around;
use super::document::Policy;
use super::key::Key;
use super::ledger::Ledger;
use super::role::Role;

/// How the identifiers of temporary access keys begin.
const TEMPORARY_KEY: &str = "ASIA";
/// Start and factor of the hash FNV-1a.
const FNV_START: u64 = 0xCBF2_9CE4_8422_2325;
const FNV_FACTOR: u64 = 0x0000_0100_0000_01B3;

/// What whoever has a role signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
}

/// Somebody who took a role on.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub role: Arc<Role>,
    pub name: String,
    pub around: Around,
}

/// IAM's own state. It belongs to no region.
#[derive(Debug, Default)]
pub(crate) struct Iam {
    /// By ARN.
    roles: RwLock<HashMap<String, Arc<Role>>>,
    /// By the identifier of the access key.
    sessions: RwLock<HashMap<String, Session>>,
    /// The identifiers of functions' access keys by the function's ARN.
    functions: RwLock<HashMap<String, String>>,
    /// Policies of topics, queues and keys, by ARN.
    resources: RwLock<HashMap<String, Arc<Policy>>>,
    pub ledger: Ledger,
}

impl Iam {
    /// Creates a role, replacing the one that had its ARN.
    pub fn put_role(&self, role: Role) -> Arc<Role> {
        let role = Arc::new(role);
        write(&self.roles).insert(role.arn.clone(), Arc::clone(&role));
        role
    }

    pub fn role(&self, arn: &str) -> Option<Arc<Role>> {
        read(&self.roles).get(arn).cloned()
    }

    /// A function takes a role on; from then on its credentials are good.
    pub fn assume(&self, role: Arc<Role>, function_arn: &str) {
        let name = function_arn.rsplit(':').next().unwrap_or(function_arn).to_owned();
        let id = access_key_id(function_arn);
        let mut session = Session::of(role, &name);
        session.around = session.around.with(Key::SourceFunctionArn, function_arn);
        write(&self.sessions).insert(id.clone(), session);
        write(&self.functions).insert(function_arn.to_owned(), id);
    }

    /// What a function signs with. None if it has no role.
    pub fn credentials(&self, function_arn: &str) -> Option<Credentials> {
        let access_key_id = read(&self.functions).get(function_arn).cloned()?;
        let letters = access_key_id.strip_prefix(TEMPORARY_KEY)?.to_ascii_lowercase();
        Some(Credentials {
            secret_access_key: format!("twin-{letters}"),
            session_token: format!("twin-session-{letters}"),
            access_key_id,
        })
    }

    /// Who signed a request with a role's credentials. None is everybody else: the account's administrator.
    pub fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let id = signed_with(headers)?;
        read(&self.sessions).get(id).cloned()
    }

    /// The session of a function.
    pub fn session_of(&self, function_arn: &str) -> Option<Session> {
        let id = read(&self.functions).get(function_arn).cloned()?;
        read(&self.sessions).get(&id).cloned()
    }

    /// Gives a topic, a queue or a key a policy of its own.
    pub fn guard(&self, arn: &str, policy: Policy) {
        write(&self.resources).insert(arn.to_owned(), Arc::new(policy));
    }

    pub fn policy_of(&self, arn: &str) -> Option<Arc<Policy>> {
        read(&self.resources).get(arn).cloned()
    }
}

impl Session {
    /// Of a role that somebody else than a function's code took on.
    pub fn of(role: Arc<Role>, name: &str) -> Self {
        let around = Around::default()
            .with(Key::PrincipalArn, role.arn.clone())
            .with(Key::PrincipalAccount, role.account.clone());
        Self {
            role,
            name: name.to_owned(),
            around,
        }
    }

    pub fn arn(&self) -> String {
        self.role.assumed(&self.name)
    }
}

/// The access key of a request: `AWS4-HMAC-SHA256 Credential=<id>/<date>/…`.
fn signed_with(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split_once('/').map(|(id, _)| id)
}

/// Sixteen letters that follow from a name.
fn access_key_id(name: &str) -> String {
    let hash = name.bytes().fold(FNV_START, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(FNV_FACTOR)
    });
    let letters = hash
        .to_be_bytes()
        .into_iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0F]);
    let letters = letters.map(|nibble| char::from(b'A' + nibble));
    TEMPORARY_KEY.chars().chain(letters).collect()
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
