//! Whole stories: a script on a fresh stage, and the transcript it gives.

use std::path::{Path, PathBuf};

use twin::TwinOptions;

use crate::player::{PlayError, Player};
use crate::proof;
use crate::script::{self, BadLine};
use crate::stage::{Setting, Stage};
use crate::transcript::{Line, Transcript};
use crate::virtual_time;

/// A story played to its end.
#[derive(Debug)]
pub struct Played {
    pub transcript: Transcript,
    pub failed_expectations: u32,
    pub failed_proofs: usize,
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
    virtual_time::run(|| play_on_paused_time(text)).map_err(StoryError::Runtime)?
}

async fn play_on_paused_time(text: &str) -> Result<Played, StoryError> {
    let happenings = script::parse(text)?;
    let stage = Box::pin(Stage::build(TwinOptions::default(), setting(text)))
        .await
        .map_err(PlayError::Stage)?;
    let mut player = Player::new(stage);
    let now = player.stage.twin.clock().now();
    player.transcript.push(now, Line::Title(title(text)));
    for happening in &happenings {
        player.play(happening).await?;
    }
    let now = player.stage.twin.clock().now();
    player.transcript.push(now, Line::Say("Proven:".to_owned()));
    let proofs = proof::of(&player.stage);
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
    Ok(Played {
        transcript: player.transcript,
        failed_expectations: player.failed_expectations,
        failed_proofs,
    })
}

/// The first comment line is the story's title.
fn title(text: &str) -> String {
    let first = text.lines().find_map(|line| line.trim().strip_prefix('#'));
    first.unwrap_or("A story").trim().to_owned()
}

/// Comment lines of the form `#: word` describe the environment.
fn setting(text: &str) -> Setting {
    let mut setting = Setting::default();
    for word in text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("#:"))
        .map(str::trim)
    {
        match word {
            "shared" => setting.shared = true,
            "without-reverse" => setting.without_reverse = true,
            other => other
                .strip_prefix("alarms ")
                .unwrap_or_default()
                .clone_into(&mut setting.alarms),
        }
    }
    setting
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
