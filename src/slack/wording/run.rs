//! Sentences about a run as such, the board and the guide.

use jiff::civil::Date;

use super::{Words, number};
use crate::{
    report::{Origin, Status},
    step::Step,
};

impl Words {
    /// A step on the board.
    pub(crate) fn step(self, step: Step) -> &'static str {
        match step {
            Step::CreateThread => self.pick("스레드", "thread"),
            Step::ExportProducts => self.pick("생성", "export"),
            Step::VerifyEp => self.pick("검증", "verify"),
        }
    }

    /// The verdict of a run that came to one.
    pub(crate) fn headline(self, step: Step, status: Status) -> &'static str {
        match (step, status) {
            (Step::CreateThread, Status::Ok) => self.pick("스레드 준비 완료", "thread ready"),
            (Step::CreateThread, Status::Warn) => self.pick("스레드 확인 필요", "thread ready, please check"),
            (Step::CreateThread, Status::Held) => self.pick("스레드 보류", "thread held"),
            (Step::CreateThread, Status::Fail) => self.could_not(step),
            (Step::ExportProducts, Status::Ok) => self.pick("EP 생성 완료", "EP export done"),
            (Step::ExportProducts, Status::Warn) => {
                self.pick("EP 생성 완료, 확인 필요", "EP export done, please check")
            }
            (Step::ExportProducts, Status::Held) => self.pick("EP 공개 보류", "EP export held"),
            (Step::ExportProducts, Status::Fail) => self.could_not(step),
            (Step::VerifyEp, Status::Ok) => self.pick("EP 검증 정상", "EP verified"),
            (Step::VerifyEp, Status::Warn) => {
                self.pick("EP 검증 완료, 확인 필요", "EP verified, please check")
            }
            (Step::VerifyEp, Status::Held) => self.pick("EP 검증 보류", "EP verification held"),
            (Step::VerifyEp, Status::Fail) => {
                self.pick("EP 검증에서 문제 발견", "EP verification found problems")
            }
        }
    }

    /// A run that could not do its work.
    pub(crate) fn could_not(self, step: Step) -> &'static str {
        match step {
            Step::CreateThread => self.pick("스레드 준비 실패", "opening the thread failed"),
            Step::ExportProducts => self.pick("EP 생성 실패", "EP export failed"),
            Step::VerifyEp => self.pick("EP 검증 실패", "EP verification failed"),
        }
    }

    /// What the doctor posts, and removes again.
    pub(crate) fn doctor(self) -> &'static str {
        self.pick(
            "🩺 auto-ep doctor의 시험 메시지입니다. 곧 지워집니다.",
            "🩺 A trial message of auto-ep doctor. It is removed in a moment.",
        )
    }

    /// A run whose report is still to come.
    pub(crate) fn under_way(self, step: Step) -> &'static str {
        match step {
            Step::CreateThread => self.pick("스레드 여는 중", "opening the thread"),
            Step::ExportProducts => self.pick("EP 생성 중", "EP export under way"),
            Step::VerifyEp => self.pick("EP 검증 중", "EP verification under way"),
        }
    }

    /// The first report after the parent was closed for edits.
    pub(crate) fn board_closed(self) -> &'static str {
        self.pick(
            "Slack에서 메시지 수정이 막혀 있어, 맨 위 현황은 더 이상 바뀌지 않습니다. 아래 답글을 확인해 주세요.",
            "Slack does not allow edits any more, so the message at the top stays as it is; please follow the replies.",
        )
    }

    /// A run at a time that the schedule does not know.
    pub(crate) fn off_schedule(self) -> &'static str {
        self.pick(
            "ℹ️ `SCHEDULE`에 없는 시각에 실행되었습니다. Cloud Scheduler의 작업을 직접 고치셨다면 `SCHEDULE`도 같이 고쳐 주시고, 아니라면 `deploy/schedule.sh`를 다시 실행해 주세요.",
            "ℹ️ `SCHEDULE` has no run at this time: if somebody edited the job in Cloud Scheduler, change `SCHEDULE` too; otherwise run `deploy/schedule.sh` again.",
        )
    }

    /// A second copy of a message that could not be removed.
    pub(crate) fn one_too_many(self) -> &'static str {
        self.pick(
            "같은 내용이 두 번 올라와 이 메시지는 비워 두었습니다. 오늘 스레드의 다른 메시지를 봐 주세요.",
            "This message had come twice and says nothing any more; please see the other one in the day's thread.",
        )
    }

    /// What stands beside the headline of a run that the schedule did not start.
    pub(crate) fn origin(self, origin: Origin) -> Option<&'static str> {
        match origin {
            Origin::Scheduled => None,
            Origin::Forced => Some(self.pick("수동 · 강제 실행", "manual · forced run")),
            Origin::Manual => Some(self.pick("수동", "manual")),
        }
    }

    /// What stands beside the headline of a repeated attempt that failed; `of` so many where it is known.
    pub(crate) fn attempt(self, n: u32, of: Option<u32>) -> String {
        match of {
            Some(of) => say!(self, "{of}번 중 {n}번째 시도", "attempt {n} of {of}"),
            None => say!(self, "{n}번째 시도", "attempt {n}"),
        }
    }

    /// What a run tells that needed more than one attempt.
    pub(crate) fn after_tries(self, n: u32, status: Status) -> String {
        match status {
            Status::Ok | Status::Warn => {
                say!(self, "{n}번째 시도에 성공했습니다.", "Succeeded on attempt {n}.")
            }
            Status::Held | Status::Fail => {
                say!(self, "{n}번째 시도의 결과입니다.", "This is the result of attempt {n}.")
            }
        }
    }

    /// What a good run of the schedule says when the one before it was held or failed.
    pub(crate) fn recovered(self, status: Status, lasted: Option<u64>) -> String {
        let over = match status {
            Status::Ok => self.pick(
                "지난번 문제가 해결되어 다시 정상입니다.",
                "The problem of the run before is over; all is well again.",
            ),
            _ => self.pick("지난번 문제는 해결되었습니다.", "The problem of the run before is over."),
        };
        let Some(lasted) = lasted.filter(|minutes| *minutes > 0) else { return over.to_owned() };
        let lasted = self.hours(lasted);
        say!(self, "{over} ({lasted} 동안 계속됨)", "{over} (It lasted {lasted}.)")
    }

    /// What stands beside the headline of a run that found what was told before.
    pub(crate) fn still(self, since: &str) -> String {
        say!(self, "*계속* ({since}부터)", "*still*, since {since}")
    }

    /// A thread that is there, opened now or before.
    pub(crate) fn thread(self, opened: bool) -> &'static str {
        if opened {
            self.pick("오늘의 스레드를 열었습니다.", "Today's thread is open.")
        } else {
            self.pick("오늘의 스레드가 이미 열려 있습니다.", "Today's thread was open already.")
        }
    }

    /// How many rows a slot of the board shows.
    pub(crate) fn slot_rows(self, n: u64) -> String {
        self.pick(format!("{}개", number(n)), number(n))
    }

    /// The guide's title.
    pub(crate) fn guide_title(self, day: Date) -> String {
        let day = self.day(day);
        say!(self, "{day} EP 안내", "EP guide · {day}")
    }

    /// Heads the times of a step.
    pub(crate) fn guide_step(self, step: Step) -> &'static str {
        match step {
            Step::CreateThread => self.pick("스레드 열기", "Thread"),
            Step::ExportProducts => self.pick("EP 생성", "Exports"),
            Step::VerifyEp => self.pick("EP 검증", "Verifications"),
        }
    }

    /// What the thread is.
    pub(crate) fn guide_purpose(self) -> &'static str {
        self.pick(
            "오늘의 EP 생성과 검증 결과가 여기에 올라옵니다. 맨 위 메시지만 보셔도 지금 상황을 알 수 있습니다.",
            "The day's EP exports and verifications come here; a glance at the message at the top tells how it is going.",
        )
    }

    /// The signs that the thread uses.
    pub(crate) fn guide_signs(self) -> &'static str {
        self.pick(
            "✅ 정상  ·  ⚠️ 확인 필요  ·  ⛔ 공개 보류 (기존 피드 유지)  ·  ❌ 실패  ·  – 실행 전",
            "✅ fine  ·  ⚠️ please check  ·  ⛔ held (the feed stays as it was)  ·  ❌ failed  ·  – still to come",
        )
    }

    /// The label of where builds are kept, and what else lies there.
    pub(crate) fn guide_files(self, place: &str) -> String {
        say!(
            self,
            "파일: {place} (제외한 상품과 이유는 `….excluded.tsv`)",
            "Files: {place} (what was left out, and why: `….excluded.tsv`)"
        )
    }

    /// Heads the command lines.
    pub(crate) fn guide_rerun(self) -> &'static str {
        self.pick(
            "직접 다시 실행하려면 터미널에서 아래 명령을 사용해 주세요.",
            "To run a step by hand, use these commands:",
        )
    }

    /// The label of the public URL.
    pub(crate) fn feed(self, link: &str) -> String {
        say!(self, "피드: {link}", "Feed: {link}")
    }
}
