//! Sentences about builds that people publish by hand.

use super::{REASON_CHARS, VALUE_CHARS, Words};
use crate::{
    chat::escape,
    report::{BuildId, Status},
};

impl Words {
    /// Heads the command line that publishes a held build.
    pub(crate) fn force(self) -> &'static str {
        self.pick(
            "확인해 보니 이 빌드가 맞다면 아래 명령으로 그대로 공개하실 수 있습니다. `…` 자리에 이유를 적어 주세요.",
            "If this build is right as it is, publish it with this command, and say why in place of `…`:",
        )
    }

    /// The verdict of a run that published a build made before.
    pub(crate) fn republished_headline(self, had_been_held: bool, status: Status) -> &'static str {
        match (had_been_held, status) {
            (true, Status::Ok) => self.pick("보류한 빌드 공개 완료", "Held build published"),
            (true, _) => self.pick("보류한 빌드 공개, 확인 필요", "Held build published, please check"),
            (false, Status::Ok) => self.pick("저장된 빌드 공개 완료", "Stored build published"),
            (false, _) => self.pick("저장된 빌드 공개, 확인 필요", "Stored build published, please check"),
        }
    }

    /// From which build to which.
    pub(crate) fn republished(self, before: Option<&BuildId>, now: &BuildId) -> String {
        let code = |build: &BuildId| escape::code(build.as_str(), VALUE_CHARS);
        let after = code(now);
        match before {
            Some(before) if before == now => {
                say!(self, "공개 중인 빌드 {after}를 다시 공개", "Build {after}, once more")
            }
            Some(before) => {
                let before = code(before);
                say!(self, "빌드 {before} → {after}", "Build {before} → {after}")
            }
            None => say!(self, "빌드 {after}", "Build {after}"),
        }
    }

    /// Why it was forced, in the words of whoever did it.
    pub(crate) fn forced_because(self, reason: &str) -> String {
        let reason = escape::code(reason, REASON_CHARS);
        say!(self, "공개 이유: {reason}", "Published because: {reason}")
    }

    /// Heads what a forced build had been held for.
    pub(crate) fn had_been_held(self) -> &'static str {
        self.pick("보류했던 이유:", "It had been held for:")
    }
}
