//! The newest PostgreSQL on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where packages put one version beside another; every folder in them may have a `bin`.
const VERSIONED: [&str; 4] = [
    "/usr/lib/postgresql",
    "/usr/local/opt",
    "/opt/homebrew/opt",
    "/usr",
];
const NEEDED: [&str; 4] = ["initdb", "pg_ctl", "postgres", "psql"];

/// The binaries of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    pub bin: PathBuf,
    /// For example 15.
    pub major: u32,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "no PostgreSQL server is installed here (initdb, pg_ctl, postgres and psql in one folder): `apt-get install postgresql`"
)]
pub struct NotInstalled;

impl Installed {
    /// The newest one in the `PATH` or where packages put it.
    pub fn newest() -> Result<Self, NotInstalled> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        for parent in VERSIONED {
            let children = std::fs::read_dir(parent).into_iter().flatten().flatten();
            folders.extend(children.map(|child| child.path().join("bin")));
        }
        let found = folders.into_iter().filter_map(|bin| Self::in_folder(&bin));
        found.max_by_key(|installed| installed.major).ok_or(NotInstalled)
    }

    fn in_folder(bin: &Path) -> Option<Self> {
        if !NEEDED.iter().all(|name| bin.join(name).is_file()) {
            return None;
        }
        let told = Command::new(bin.join("postgres"))
            .arg("--version")
            .output()
            .ok()?;
        let major = major(&String::from_utf8_lossy(&told.stdout))?;
        Some(Self {
            bin: bin.to_owned(),
            major,
        })
    }

    #[must_use]
    pub fn binary(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

/// The number in `postgres (PostgreSQL) 15.14 (Debian …)` or `… 18beta1`.
fn major(told: &str) -> Option<u32> {
    let number = told.split_once(") ")?.1;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn a_version_is_read_from_what_the_server_says_of_itself() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("something else"), None);
    }
}
