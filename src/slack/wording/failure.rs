//! Sentences about a run that could not do its work.

use super::Words;
use crate::{report::FailureKind, step::Step};

impl Words {
    /// What could not be done.
    pub(crate) fn failure(self, kind: FailureKind) -> &'static str {
        match kind {
            FailureKind::CatalogueUnreachable => {
                self.pick("카탈로그에 연결하지 못했습니다.", "The catalogue could not be reached.")
            }
            FailureKind::CatalogueRefused => self.pick(
                "카탈로그 서버가 오류로 응답했습니다.",
                "The catalogue's server answered with an error.",
            ),
            FailureKind::CatalogueUnreadable => self.pick(
                "카탈로그 형식이 예상과 달라 읽지 못했습니다.",
                "The catalogue does not look as expected and could not be read.",
            ),
            FailureKind::FeedStore => {
                self.pick("피드 저장소를 사용할 수 없습니다.", "The feed store could not be used.")
            }
            FailureKind::Publication => self.pick(
                "새 피드를 공개하던 중에 문제가 생겼습니다. 새 피드가 이미 공개되었을 수 있습니다.",
                "Something failed while the new feed was made public. Readers may get it already.",
            ),
            FailureKind::State => {
                self.pick("상태 저장소를 사용할 수 없습니다.", "The state store could not be used.")
            }
            FailureKind::Chat => {
                self.pick("Slack에 메시지를 보내지 못했습니다.", "Slack did not take the message.")
            }
            FailureKind::Deadline => {
                self.pick("제한 시간 안에 끝내지 못했습니다.", "It did not finish in time.")
            }
            FailureKind::BrokeOff => self.pick(
                "앞선 시도가 결과를 남기지 못하고 중간에 멈췄습니다.",
                "The attempt before stopped halfway without a result.",
            ),
            FailureKind::Internal => {
                self.pick("프로그램 내부 오류가 발생했습니다.", "Something went wrong inside this program.")
            }
        }
    }

    /// What to do about it.
    pub(crate) fn failure_advice(self, step: Step, kind: FailureKind) -> &'static str {
        match kind {
            FailureKind::Deadline if step == Step::VerifyEp => self.pick(
                "피드 주소의 응답이 평소보다 느리지 않은지 확인해 주세요.",
                "Please check whether the feed's address is slower than usual.",
            ),
            FailureKind::CatalogueUnreachable => self.pick(
                "카탈로그 서버가 정상인지, `CATALOG_URL` 주소가 맞는지 확인해 주세요.",
                "Please check that the catalogue's server is up and that `CATALOG_URL` is right.",
            ),
            FailureKind::CatalogueRefused => self.pick(
                "주소가 바뀌었거나 접근이 막혔을 수 있습니다. `CATALOG_URL` 주소를 확인해 주세요.",
                "The address may have changed or be blocked: please check `CATALOG_URL`.",
            ),
            FailureKind::CatalogueUnreadable => self.pick(
                "카탈로그 형식이 바뀌었을 수 있습니다. `CATALOG_URL`, `CATALOG_ITEMS` 설정을 확인해 주세요.",
                "Its shape may have changed: please check `CATALOG_URL` and `CATALOG_ITEMS`.",
            ),
            FailureKind::FeedStore => self.pick(
                "`FEED_STORE_URL` 설정과 AWS 권한을 확인해 주세요.",
                "Please check `FEED_STORE_URL` and the AWS permissions.",
            ),
            FailureKind::Publication => self.pick(
                "다시 실행하면 마무리됩니다. 지금 무엇이 공개되어 있는지는 EP 검증으로 확인해 주세요.",
                "Running it again completes it; a verification tells what is public now.",
            ),
            FailureKind::State => self.pick(
                "`STATE_URL` 설정과 버킷 권한을 확인해 주세요.",
                "Please check `STATE_URL` and the bucket's permissions.",
            ),
            FailureKind::Chat => self.pick(
                "봇 토큰(`SLACK_BOT_TOKEN`)이 유효한지, 봇이 채널에 초대되어 있는지 확인해 주세요.",
                "Please check that `SLACK_BOT_TOKEN` is valid and that the bot is in the channel.",
            ),
            FailureKind::Deadline => self.pick(
                "카탈로그가 평소보다 느리거나 커지지 않았는지 확인해 주세요.",
                "Please check whether the catalogue is slower or bigger than usual.",
            ),
            FailureKind::BrokeOff => self.pick(
                "메모리가 부족하거나 인스턴스가 강제로 종료되었을 수 있습니다. Cloud Run 로그를 확인해 주세요.",
                "Its instance may have run out of memory or been killed: please look at Cloud Run's log.",
            ),
            FailureKind::Internal => self.pick(
                "아래 내용을 개발 담당자에게 전해 주세요. 자세한 내용은 로그에 있습니다.",
                "Please pass the line below on to a developer; the log has the rest.",
            ),
        }
    }

    /// The published feed after a failed run.
    pub(crate) fn feed_unchanged(self) -> &'static str {
        self.pick("기존 피드는 그대로 유지됩니다.", "The published feed stays as it was.")
    }

    /// Nobody need do anything yet; the advice follows.
    pub(crate) fn will_retry(self) -> &'static str {
        self.pick(
            "잠시 후 자동으로 다시 시도하니, 계속 실패할 때만 확인해 주세요.",
            "It will be tried again in a moment; only if it keeps failing is there something to do.",
        )
    }

    /// An attempt is under way again, after others broke off.
    pub(crate) fn trying_again(self, attempt: u32, is_last: bool) -> String {
        if is_last {
            say!(
                self,
                "지금 {attempt}번째이자 마지막 자동 시도를 하고 있습니다. 끝나면 이 메시지가 바뀝니다.",
                "Attempt {attempt}, the last automatic one, is under way; this message changes when it ends."
            )
        } else {
            say!(
                self,
                "지금 {attempt}번째 시도를 하고 있습니다. 끝나면 이 메시지가 바뀝니다.",
                "Attempt {attempt} is under way; this message changes when it ends."
            )
        }
    }

    /// The scheduler has given up.
    pub(crate) fn tries_spent(self) -> &'static str {
        self.pick("자동 재시도가 모두 끝났습니다.", "There will be no further automatic tries.")
    }

    /// Heads the command line of another export after a verification.
    pub(crate) fn export_mends(self) -> &'static str {
        self.pick(
            "공개된 파일의 문제는 대개 EP를 다시 생성하면 해결됩니다.",
            "What is wrong with the public file, another export mostly mends:",
        )
    }

    /// Heads the command line that runs the step again.
    pub(crate) fn rerun(self, step: Step) -> &'static str {
        match step {
            Step::CreateThread | Step::ExportProducts => self.pick(
                "원인을 해결하신 뒤 아래 명령으로 다시 실행하실 수 있습니다.",
                "Once that is mended, run it again with:",
            ),
            Step::VerifyEp => self.pick("아래 명령으로 다시 검증하실 수 있습니다.", "To verify again:"),
        }
    }
}
