//! What each trouble with Slack comes to: one call by its class, one message however often it takes.

use std::time::Duration;

use async_trait::async_trait;
use auto_ep::{
    chat::{Chat, ChatErrorKind, Place, SlackChat},
    clock::{Clock, SystemClock},
    thread::{
        deliver::PatientChat,
        reconcile::{self, Intent},
    },
};
use futures_util::{FutureExt, future::BoxFuture};
use jiff::Timestamp;

use crate::{
    message,
    support::{Fault, SlackDouble, slack},
};

/// Longer than any patience.
const LONG: Duration = Duration::from_secs(600);
/// Ours, where Slack is to be silent.
const LIMIT: Duration = Duration::from_secs(3);

const POST: &str = "chat.postMessage";
const UPDATE: &str = "chat.update";
const SEARCH: &str = "conversations.history";
const LINK: &str = "chat.getPermalink";

/// One client for all rows: making one takes longer than a row.
pub fn connect(http: &reqwest::Client, double: &SlackDouble) -> SlackChat {
    let url = double.url().parse().unwrap();
    SlackChat::new(http.clone(), slack::TOKEN.to_owned().into(), slack::CHANNEL.to_owned(), url)
}

/// Whether only our own limit ends the call.
fn is_silent(fault: &Fault) -> bool {
    matches!(fault, Fault::Hang(_) | Fault::Slow(_))
}

/// Rows that say what was wrong. Where only our own limit ends a call, nothing else may use it up: the silent ones
/// begin when the others are done.
#[derive(Default)]
struct Rows {
    silent: Vec<BoxFuture<'static, Option<String>>>,
    others: Vec<BoxFuture<'static, Option<String>>>,
}

impl Rows {
    fn add(&mut self, silent: bool, row: impl Future<Output = Option<String>> + Send + 'static) {
        let rows = if silent { &mut self.silent } else { &mut self.others };
        rows.push(row.boxed());
    }

    async fn all_hold(self) {
        for rows in [self.others, self.silent] {
            let rows: tokio::task::JoinSet<_> = rows.into_iter().collect();
            let wrong: Vec<String> = rows.join_all().await.into_iter().flatten().collect();
            assert!(wrong.is_empty(), "{wrong:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_is_one_request_and_its_trouble_has_a_class() {
    use ChatErrorKind::{Ambiguous, RateLimited};
    let seven = || RateLimited(Duration::from_secs(7));
    let (mut rows, http) = (Rows::default(), reqwest::Client::new());
    for method in [POST, UPDATE, SEARCH, LINK] {
        // And whether the effect is there all the same.
        for (fault, kind, effect) in [
            (Fault::LostAnswer, Ambiguous, true),
            (Fault::CutOff, Ambiguous, true),
            (Fault::Slow(LONG), Ambiguous, true),
            (Fault::Hang(LONG), Ambiguous, false),
            (Fault::Reset, Ambiguous, false),
            (Fault::RateLimited(7), seven(), false),
            (Fault::Status(503), Ambiguous, false),
            (Fault::Garbage, Ambiguous, false),
            (Fault::Error(200, "fatal_error"), Ambiguous, false),
        ] {
            let http = http.clone();
            rows.add(is_silent(&fault), async move {
                let double = SlackDouble::start().await;
                let chat = connect(&http, &double);
                let ts = chat.post(Place::Channel, &message()).await.unwrap().ts;
                chat.find(&message().marker, None, Timestamp::UNIX_EPOCH).await.unwrap();
                let before = double.server.count(method);
                double.fail_next(method, 1, fault.clone());
                let chat = if is_silent(&fault) { chat.with_limit(LIMIT) } else { chat };
                let outcome = match method {
                    POST => chat.post(Place::Channel, &message()).await.map(drop),
                    UPDATE => chat.update(&ts, &message()).await,
                    SEARCH => chat.find(&message().marker, None, Timestamp::UNIX_EPOCH).await.map(drop),
                    _ => chat.permalink(&ts).await.map(drop),
                };
                let found = outcome.map_err(|error| error.kind);
                let asked = double.server.count(method) - before;
                let messages = double.messages();
                let happened = match method {
                    POST => messages.len() == 2,
                    UPDATE => messages[0].edited == 1,
                    _ => effect,
                };
                let fits = (&found, asked, happened) == (&Err(kind), 1, effect);
                (!fits)
                    .then(|| format!("{method}, {fault:?}: {found:?}, asked {asked}, happened: {happened}"))
            });
        }
    }
    rows.all_hold().await;
}

/// Does not wait.
pub struct Hasty;

#[async_trait]
impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn sleep(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

/// A message that must be there once meets troubles: (what the first calls of which methods meet, whether a
/// forerunner had posted it); whether it ends well, how many messages there are, how often it was posted and searched.
type Row = (&'static [(&'static str, Fault, usize)], bool, bool, [usize; 3]);

const ONCE: &[Row] = &[
    (&[], false, true, [1, 1, 0]),
    // It is there already: found at the first look.
    (&[], true, true, [1, 0, 1]),
    (&[(POST, Fault::LostAnswer, 1)], false, true, [1, 1, 1]),
    (&[(POST, Fault::CutOff, 1)], false, true, [1, 1, 1]),
    (&[(POST, Fault::Slow(LONG), 1)], false, true, [1, 1, 1]),
    // It is not there: two looks, then posted.
    (&[(POST, Fault::Hang(LONG), 1)], false, true, [1, 2, 2]),
    (&[(POST, Fault::Reset, 1)], false, true, [1, 2, 2]),
    (&[(POST, Fault::Status(503), 2)], false, true, [1, 3, 4]),
    (&[(POST, Fault::Garbage, 1)], false, true, [1, 2, 2]),
    // Refused before it was taken: no need to look.
    (&[(POST, Fault::RateLimited(1), 2)], false, true, [1, 3, 0]),
    (&[(POST, Fault::Error(200, "invalid_blocks"), 1)], false, true, [1, 2, 0]),
    // A code that nobody knows: looked for, then posted as plain text once.
    (&[(POST, Fault::Error(200, "heard_of_by_nobody"), 1)], false, true, [1, 2, 2]),
    (&[(POST, Fault::Error(200, "heard_of_by_nobody"), 9)], false, false, [0, 2, 2]),
    // A look that Slack does not take as it is cannot be made: a rare double is better than silence.
    (
        &[(POST, Fault::Status(503), 1), (SEARCH, Fault::Error(200, "invalid_cursor"), 9)],
        false,
        true,
        [1, 2, 1],
    ),
    // Given up, for the next delivery to go on.
    (&[(POST, Fault::Reset, 9)], false, false, [0, 3, 4]),
    (&[(POST, Fault::Hang(LONG), 9)], false, false, [0, 3, 4]),
    // Looking again does no harm.
    (&[(SEARCH, Fault::RateLimited(1), 4)], true, true, [1, 0, 5]),
    (&[(SEARCH, Fault::Status(503), 2)], true, true, [1, 0, 3]),
    // Who cannot look does not post.
    (&[(POST, Fault::LostAnswer, 1), (SEARCH, Fault::Status(503), 9)], false, false, [1, 1, 3]),
    (&[(POST, Fault::LostAnswer, 1), (SEARCH, Fault::Hang(LONG), 9)], false, false, [1, 1, 3]),
    (&[(SEARCH, Fault::CutOff, 9)], true, false, [1, 0, 3]),
    (&[(SEARCH, Fault::RateLimited(600), 9)], true, false, [1, 0, 1]),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_there_once_or_its_fate_is_open() {
    let (mut rows, http) = (Rows::default(), reqwest::Client::new());
    for (faults, there, well, counts) in ONCE {
        let http = http.clone();
        let silent = faults.iter().any(|(_, fault, _)| is_silent(fault));
        rows.add(silent, async move {
            let double = SlackDouble::start().await;
            let chat = connect(&http, &double);
            let since = Hasty.now();
            if *there {
                chat.post(Place::Channel, &message()).await.unwrap();
            }
            let chat = if silent { chat.with_limit(LIMIT) } else { chat };
            let before = double.server.count(POST);
            for (method, fault, n) in *faults {
                double.fail_next(method, *n, fault.clone());
            }
            let intent = Intent { since, maybe_posted: *there };
            let deadline = since + Duration::from_secs(120);
            let calls = PatientChat { chat: &chat, clock: &Hasty, deadline, one_too_many: "" };
            let end = reconcile::post_once(calls, Place::Channel, &message(), intent).await;
            let found =
                [double.messages().len(), double.server.count(POST) - before, double.server.count(SEARCH)];
            // A code that nobody knows says itself that nobody knows.
            let unknown = matches!(faults, [(_, Fault::Error(_, "heard_of_by_nobody"), _)]);
            let kind = if unknown { ChatErrorKind::Unknown } else { ChatErrorKind::Ambiguous };
            let open = matches!(&end, Err(error) if error.kind == kind);
            let fits = (end.is_ok(), found) == (*well, *counts) && end.is_ok() != open;
            (!fits).then(|| format!("{faults:?}, there: {there}: {found:?}, {end:?}"))
        });
    }
    rows.all_hold().await;
}
