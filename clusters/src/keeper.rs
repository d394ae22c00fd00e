//! Who ends a cluster when the process that started it is gone, however it went: a shell that waits for the end of a pipe.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `$0` is `pg_ctl`, `$1` the user to run it as or nothing, `$2` the cluster's folder.
const SCRIPT: &str = r#"
cat > /dev/null
if [ -n "$1" ]; then runuser -u "$1" -- "$0" stop -s -m immediate -D "$2/data"; else "$0" stop -s -m immediate -D "$2/data"; fi
rm -rf "$2"
"#;

pub(crate) struct Keeper(Child);

impl Keeper {
    /// In a process group of its own, so that an interrupt from the keyboard does not end it first.
    pub(crate) fn start(pg_ctl: &Path, user: Option<&str>, folder: &Path) -> io::Result<Self> {
        let child = Command::new("sh")
            .args(["-c", SCRIPT])
            .arg(pg_ctl)
            .arg(user.unwrap_or_default())
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self(child))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ended = self.0.wait();
    }
}
