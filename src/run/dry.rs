//! The dry run: everything but claims, posts, stores and publications.

use std::{sync::Arc, time::Instant};

use super::{Answer, Call, RunKey, Runner};
use crate::{
    export::new_build_id,
    ledger::{DayRecord, Outcome, ThreadState, day_name},
    report::{Failure, FailureKind, Report, RunInfo, ThreadReport},
    route::Route,
};
impl Runner {
    /// A dry run, or that it did not end within the deadline, or had no room.
    pub(super) async fn dry_run_in_time(self: Arc<Self>, call: Call, key: &RunKey, record: &str) -> Answer {
        let (route, deadline) = (call.route, self.deadline);
        if let Some(refused) = self.refuse(&call, key, record).await {
            return refused;
        }
        let permit = match self.admitted_now(&call, key).await {
            Ok(permit) => permit,
            Err(crowded) => return crowded,
        };
        let runner = Arc::clone(&self);
        let ended = tokio::select! {
            biased;
            () = async {
                match &permit {
                    Some(permit) => permit.is_to_leave().await,
                    None => std::future::pending().await,
                }
            } => return runner.left(key),
            () = runner.stopping.cancelled() => return runner.stopped(key),
            ended = tokio::time::timeout(deadline, self.dry_run(call, key)) => ended,
        };
        ended.unwrap_or_else(|_| {
            let failure = Failure {
                failure: FailureKind::Deadline,
                detail: format!("the dry run of {route} did not end within DEADLINE"),
                retryable: true,
            };
            Answer::failed(key, failure, None)
        })
    }

    /// Everything but claims, posts, stores and publications; the answer holds the messages.
    async fn dry_run(self: Arc<Self>, call: Call, key: &RunKey) -> Answer {
        let route = call.route;
        let started = Instant::now();
        let info = self.info(route, key, 1);
        let read = self.ledger.read::<DayRecord>(&day_name(info.day)).await;
        let day = match read {
            Ok(read) => read.map(|read| read.value).unwrap_or_default(),
            Err(error) => return Answer::failed(key, error.into(), None),
        };
        let day_is_open = matches!(day.thread, ThreadState::Open(_));
        let cancel = self.stopping.child_token();
        let work = async {
            match route {
                Route::CreateThread => {
                    Ok(Report::Thread(ThreadReport { day: info.day, opened: !day_is_open }))
                }
                Route::ExportProducts => {
                    let built = match &call.options.republish {
                        Some(wanted) => self.publisher.stored(wanted).await?,
                        None => {
                            let id = new_build_id(self.clock.now(), self.schedule.timezone());
                            self.exporter.build(&id, true, &cancel).await?
                        }
                    };
                    self.publisher.preview(&info, built).await.map(|r| Report::Export(Box::new(r)))
                }
                Route::VerifyEp => self.verifier.run().await.map(Report::Verify),
            }
        };
        let report = work.await.unwrap_or_else(Report::Failure);
        let messages = match &report {
            Report::Thread(_) if day_is_open => Vec::new(),
            Report::Thread(_) => {
                vec![self.renderer.parent(&self.threads.board(info.day, &day)), self.threads.guide(info.day)]
            }
            report => vec![self.threads.preview(&info, report)],
        };
        let outcome =
            Outcome { status: report.status(), report, duration_ms: started.elapsed().as_millis() as u64 };
        Answer::dry(&info, outcome, messages)
    }

    pub(super) fn info(&self, route: Route, key: &RunKey, attempt: u32) -> RunInfo {
        let day = self.schedule.day_of(key.at);
        RunInfo { route, key: key.key.clone(), origin: key.origin, at: key.at, day, attempt }
    }
}
