//! Whole stories: a script on a fresh stage, and the transcript it gives.

use std::path::{Path, PathBuf};

use twin::TwinOptions;
use twin::iam::Asked;

use crate::documents::{self, Document};
use crate::permissions::granted::Holder;
use crate::permissions::removal::Removal;
use crate::player::{PlayError, Player};
use crate::proof;
use crate::script::{self, BadLine};
use crate::stage::{Letters, Setting, Stage};
use crate::transcript::{Line, Transcript};
use crate::virtual_time;

/// A story played to its end.
#[derive(Debug)]
pub struct Played {
    pub transcript: Transcript,
    pub failed_expectations: u32,
    pub failed_proofs: usize,
    /// Who had a role, with the policies that counted.
    pub holders: Vec<Holder>,
    /// What was asked of IAM.
    pub asked: Vec<Asked>,
    /// What the functions wrote that others read.
    pub documents: Vec<Document>,
}

/// Why a story has no end.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    #[error("{path}: {problem}")]
    File { path: String, problem: std::io::Error },
    #[error(transparent)]
    Script(#[from] BadLine),
    #[error(transparent)]
    Play(#[from] PlayError),
    #[error("no runtime: {0}")]
    Runtime(std::io::Error),
}

/// Plays a story in virtual time, on a runtime of its own.
pub fn play(text: &str) -> Result<Played, StoryError> {
    play_without(text, None)
}

/// The same with a permission taken away.
pub fn play_without(text: &str, removal: Option<&Removal>) -> Result<Played, StoryError> {
    virtual_time::run(|| play_on_paused_time(text, removal)).map_err(StoryError::Runtime)?
}

async fn play_on_paused_time(text: &str, removal: Option<&Removal>) -> Result<Played, StoryError> {
    let happenings = script::parse(text)?;
    let setting = Setting {
        removal: removal.cloned(),
        ..setting(text).map_err(PlayError::Line)?
    };
    let stage = Box::pin(Stage::build(TwinOptions::default(), setting))
        .await
        .map_err(PlayError::Stage)?;
    let mut player = Player::new(stage);
    player.let_aws_live();
    let now = player.stage.twin.clock().now();
    player.transcript.push(now, Line::Title(title(text)));
    for happening in &happenings {
        player.play(happening).await?;
    }
    let now = player.stage.twin.clock().now();
    player.transcript.push(now, Line::Say("Proven:".to_owned()));
    let mut proofs = Vec::new();
    if player.stage.has_migration() {
        proofs.extend(proof::of(&player.stage));
    }
    if let Some(dr) = &player.stage.dr {
        proofs.extend(crate::dr::proof::of(&player.stage, dr));
    }
    let failed_proofs = proofs.iter().filter(|proof| !proof.holds).count();
    for proof in proofs {
        player.transcript.push(
            now,
            Line::Proof {
                holds: proof.holds,
                sentence: proof.sentence,
            },
        );
    }
    let documents = documents::of(&player.stage);
    player.stage.twin.unhost_all();
    Ok(Played {
        holders: player.stage.holders(),
        asked: player.stage.twin.asked(),
        documents,
        transcript: player.transcript,
        failed_expectations: player.failed_expectations,
        failed_proofs,
    })
}

/// The first comment line that does not describe the environment is the story's title.
fn title(text: &str) -> String {
    let comments = text.lines().filter_map(|line| line.trim().strip_prefix('#'));
    let first = comments.into_iter().find(|comment| !comment.starts_with(':'));
    first.unwrap_or("A story").trim().to_owned()
}

/// Comment lines of the form `#: word` describe the environment.
pub(crate) fn setting(text: &str) -> Result<Setting, String> {
    let mut setting = Setting::default();
    for word in text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("#:"))
        .map(str::trim)
    {
        match word.split_once(' ').unwrap_or((word, "")) {
            ("shared", _) => setting.shared = true,
            ("without-reverse", _) => setting.without_reverse = true,
            ("zone", zone) => setting.zone = Some(zone.to_owned()),
            ("alarms", rules) => rules.clone_into(&mut setting.alarms),
            ("dead-letters", _) => setting.letters = Letters::Expected,
            ("untouched", _) => setting.untouched = true,
            ("dr", words) => setting.dr.get_or_insert_default().read(words)?,
            ("dr-parameter", rule) => setting.dr.get_or_insert_default().parameter(rule)?,
            ("parameter", rule) => {
                let (name, value) = rule.split_once('=').ok_or("#: parameter NAME=VALUE")?;
                setting
                    .parameters
                    .insert(name.trim().to_owned(), value.trim().to_owned());
            }
            (other, _) => return Err(format!("#: {other} describes no environment")),
        }
    }
    Ok(setting)
}

/// Every story in a folder, by name.
pub fn stories(folder: &Path) -> Result<Vec<PathBuf>, StoryError> {
    let file_error = |problem| StoryError::File {
        path: folder.display().to_string(),
        problem,
    };
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).map_err(file_error)? {
        let path = file.map_err(file_error)?.path();
        if path.extension().is_some_and(|extension| extension == "story") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

pub fn read(path: &Path) -> Result<String, StoryError> {
    std::fs::read_to_string(path).map_err(|problem| StoryError::File {
        path: path.display().to_string(),
        problem,
    })
}
