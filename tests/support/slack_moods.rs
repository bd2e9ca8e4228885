//! What a workspace allows at the moment: people kick bots, archive channels, and forbid things one by one.

use std::collections::HashMap;

use super::{slack::SlackDouble, slack_args::Args};

/// The scopes that an app has which was made for this.
const SCOPES: &str = "chat:write,channels:history,groups:history";

/// Who may do what; everything at first.
#[derive(Clone, Default)]
pub struct Moods {
    all: Option<&'static str>,
    methods: HashMap<String, &'static str>,
    form: Option<&'static str>,
    data: Option<&'static str>,
    pub kicked: bool,
    archived: bool,
    pub edits: Option<&'static str>,
    pub deletions: Option<&'static str>,
    replies: Option<&'static str>,
    broadcasts: Option<&'static str>,
    pub eats_parents: bool,
    scopes: Option<&'static str>,
}

impl Moods {
    /// What a call is refused with before its method looks at it.
    pub(super) fn check(&self, method: &str, args: &Args) -> Result<(), &'static str> {
        if let Some(error) = self.all.or_else(|| self.methods.get(method).copied()) {
            return Err(error);
        }
        let writes = matches!(method, "chat.postMessage" | "chat.update" | "chat.delete");
        self.membership(method)?;
        // What is archived can still be read.
        if self.archived && writes {
            return Err("is_archived");
        }
        if let Some(error) =
            self.replies.filter(|_| method == "chat.postMessage" && args.text("thread_ts").is_some())
        {
            return Err(error);
        }
        if let Some(error) = self.broadcasts.filter(|_| args.flag("reply_broadcast")) {
            return Err(error);
        }
        let holds_data = ["data_visualization", "data_table"].iter().any(|kind| args.has_block(kind));
        if let Some(error) = self.data.filter(|_| writes && holds_data) {
            return Err(error);
        }
        match self.form {
            Some(error) if writes && args.is_rich() => Err(error),
            _ => Ok(()),
        }
    }

    /// What every answer says that the token may do.
    pub(super) fn scopes(&self) -> &'static str {
        self.scopes.unwrap_or(SCOPES)
    }

    /// `chat.getPermalink` asks for no membership, and neither does `auth.test`.
    pub fn membership(&self, method: &str) -> Result<(), &'static str> {
        let asks = method.starts_with("conversations.")
            || method.starts_with("chat.") && method != "chat.getPermalink";
        if self.kicked && asks { Err("not_in_channel") } else { Ok(()) }
    }
}

impl SlackDouble {
    fn moods(&self, change: impl FnOnce(&mut Moods)) {
        change(&mut self.state.room().moods);
    }

    /// From now on every call fails with this error (`token_revoked`, …); `None` ends it.
    pub fn refuse_all(&self, error: Option<&'static str>) {
        self.moods(|moods| moods.all = error);
    }

    /// From now on one method fails with this error, also one that nobody has heard of; `None` ends it.
    pub fn refuse(&self, method: &str, error: Option<&'static str>) {
        self.moods(|moods| {
            match error {
                Some(error) => moods.methods.insert(method.to_owned(), error),
                None => moods.methods.remove(method),
            };
        });
    }

    /// From now on the token has these scopes, as answers tell; whether it does not is for [`Self::refuse`].
    pub fn grant(&self, scopes: &'static str) {
        self.moods(|moods| moods.scopes = Some(scopes));
    }

    /// From now on whatever carries blocks or metadata is refused; plain text is taken.
    pub fn refuse_form(&self, error: Option<&'static str>) {
        self.moods(|moods| moods.form = error);
    }

    /// From now on whatever holds a chart or a table of data is refused, as where those have not come to yet.
    pub fn refuse_data(&self, error: Option<&'static str>) {
        self.moods(|moods| moods.data = error);
    }

    /// Somebody removes the bot from the channel, or invites it again: links to messages can still be had.
    pub fn kick(&self, kicked: bool) {
        self.moods(|moods| moods.kicked = kicked);
    }

    /// Somebody archives the channel, or opens it again.
    pub fn archive(&self, archived: bool) {
        self.moods(|moods| moods.archived = archived);
    }

    /// From now on messages that are there may not be edited (`edit_window_closed`, `cant_update_message`).
    pub fn close_edits(&self, error: Option<&'static str>) {
        self.moods(|moods| moods.edits = error);
    }

    /// From now on nobody may reply (`restricted_action_thread_locked`, …), though messages may be edited.
    pub fn forbid_replies(&self, error: Option<&'static str>) {
        self.moods(|moods| moods.replies = error);
    }

    /// From now on a reply may not be shown in the channel, too (`cant_broadcast_message`, `restricted_action`).
    pub fn forbid_broadcasts(&self, error: Option<&'static str>) {
        self.moods(|moods| moods.broadcasts = error);
    }

    /// From now on something removes each message of ours that stands outside a thread, at once.
    pub fn eat_parents(&self, eats: bool) {
        self.moods(|moods| moods.eats_parents = eats);
    }

    /// From now on our bot may not remove its messages (`cant_delete_message`, …); people may.
    pub fn forbid_deletion(&self, error: Option<&'static str>) {
        self.moods(|moods| moods.deletions = error);
    }
}
