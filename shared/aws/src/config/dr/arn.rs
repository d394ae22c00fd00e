//! ARNs, read once into their parts.

use cutover_core::error::Failure;

use super::super::wrong;

/// `arn:<partition>:<service>:<region>:<account>:<resource>`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    pub arn: String,
    pub region: String,
    pub account: String,
    /// What follows the kind, for example the name of an alarm or of a function.
    pub name: String,
}

/// Something that an ARN may name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    service: &'static str,
    resource: &'static str,
    words: &'static str,
}

pub(super) const ALARM: Kind = Kind {
    service: "cloudwatch",
    resource: "alarm",
    words: "a CloudWatch alarm",
};
pub(super) const FUNCTION: Kind = Kind {
    service: "lambda",
    resource: "function",
    words: "a Lambda function",
};
pub(super) const SECRET: Kind = Kind {
    service: "secretsmanager",
    resource: "secret",
    words: "a Secrets Manager secret",
};

/// Parts of an ARN before its resource, whose name may have colons of its own.
const PARTS: usize = 6;

impl Arn {
    pub(super) fn read(variable: &str, arn: String, kind: Kind) -> Result<Self, Failure> {
        let parts: Vec<&str> = arn.splitn(PARTS, ':').collect();
        let resource = match parts.as_slice() {
            ["arn", _, service, region, account, resource]
                if *service == kind.service && !region.is_empty() && !account.is_empty() =>
            {
                let name = resource.split_once(':').filter(|(of, _)| *of == kind.resource);
                name.map(|(_, name)| (*region, *account, name))
            }
            _ => None,
        };
        match resource {
            Some((region, account, name)) if !name.is_empty() => Ok(Self {
                region: region.to_owned(),
                account: account.to_owned(),
                name: name.to_owned(),
                arn,
            }),
            Some(_) | None => Err(wrong(
                variable,
                &format!("must be the ARN of {}, not {arn:?}", kind.words),
            )),
        }
    }
}
