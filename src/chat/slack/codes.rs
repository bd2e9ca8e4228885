//! Slack's error codes: the class of each, and what a person does about those that nobody else can mend.
//!
//! Taken whole from what the documentation of `chat.postMessage`, `chat.update`, `chat.delete`, `chat.getPermalink`,
//! `conversations.history`, `conversations.replies`, `auth.test` and `blocks.validate` lists. A code that is not here is unknown: its call
//! may have been taken.

use std::time::Duration;

use crate::chat::ChatErrorKind;

/// What Slack's own clients wait where a rate limit does not say how long.
pub const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);
/// The wait for a workspace that takes nothing at the moment: asking each second would not help it.
const WORKSPACE_BUSY: Duration = Duration::from_secs(30);

/// Somebody must mend it, whatever is sent.
const PERMANENT: &str = "access_denied accesslimited account_inactive as_user_not_supported channel_not_found \
    deprecated_endpoint ekm_access_denied enterprise_is_restricted invalid_auth is_archived is_inactive \
    messages_tab_disabled method_deprecated method_not_supported method_not_supported_for_channel_type missing_scope \
    no_permission not_allowed_token_type not_authed not_in_channel org_login_required posting_to_channel_denied \
    restricted_action restricted_action_non_threadable_channel restricted_action_read_only_channel \
    restricted_action_thread_locked restricted_action_thread_only_channel send_on_behalf_not_allowed \
    team_access_not_granted team_not_found token_expired token_revoked two_factor_setup_required unknown_method \
    upgrade_required";

/// What was sent is refused for its form, and nothing of it was taken.
const PAYLOAD: &str = "attachment_payload_limit_exceeded block_mismatch blocked_file_type cant_broadcast_message \
    file_deleted file_is_deleted file_not_found file_share_limit_reached invalid_arg_name invalid_arguments \
    invalid_array_arg invalid_attachments invalid_blocks invalid_blocks_format invalid_charset invalid_cursor \
    invalid_form_data invalid_json invalid_limit invalid_metadata_filter_keys invalid_metadata_format \
    invalid_metadata_schema invalid_post_type invalid_ts_latest invalid_ts_oldest json_not_object \
    markdown_text_conflict max_file_sharing_exceeded metadata_must_be_sent_from_app metadata_too_large \
    missing_file_data missing_post_type msg_blocks_too_long msg_too_long no_dual_broadcast_content_update no_text \
    slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked \
    slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked \
    slack_connect_lists_sharing_blocked too_many_attachments too_many_contact_cards unable_to_share_files";

/// Nothing was taken; the same call again later will be.
const BUSY: &str = "external_channel_migrating message_limit_exceeded team_added_to_org";

/// It may have been taken.
const AMBIGUOUS: &str = "fatal_error internal_error request_timeout service_unavailable update_failed";

/// What the call names is not there, or is no place for a reply.
const GONE: &str = "cannot_reply_to_message message_not_found thread_not_found";

/// It is there, and stays as it is.
const CLOSED: &str = "cant_delete_message cant_update_message compliance_exports_prevent_deletion edit_window_closed \
    streaming_state_conflict";

/// What a person does about codes that nobody else can mend: the codes, a colon, the advice.
const ADVICE: [&str; 19] = [
    "invalid_auth not_authed account_inactive token_revoked token_expired: make a new bot token and put it into \
     SLACK_BOT_TOKEN",
    "not_allowed_token_type as_user_not_supported: put a bot token (xoxb-…) into SLACK_BOT_TOKEN",
    "missing_scope: add the scope to the Slack app, install it again and update SLACK_BOT_TOKEN",
    "team_access_not_granted: the token is of an organisation that has not given the app this workspace: have it added \
     there, or put a token of the workspace into SLACK_BOT_TOKEN",
    "channel_not_found: put the channel's id (C…) into SLACK_CHANNEL; for a private channel, invite the bot with /invite \
     first",
    "team_not_found: put the channel's id (C…) into SLACK_CHANNEL: this token knows no names",
    "messages_tab_disabled: SLACK_CHANNEL is a conversation with the app itself, whose messages tab is off: turn it on, \
     or put a channel's id (C…) there",
    "not_in_channel: invite the bot into the channel with /invite",
    "is_archived is_inactive: the channel is archived: unarchive it, or put another one into SLACK_CHANNEL",
    "method_not_supported_for_channel_type: put the id of a channel (C…) into SLACK_CHANNEL",
    "cant_delete_message compliance_exports_prevent_deletion: the workspace does not let this bot remove its message: \
     remove it by hand",
    "ekm_access_denied: administrators have suspended messages in this channel: ask them",
    "accesslimited: the workspace takes calls from some networks alone: ask its administrators",
    "org_login_required: the workspace is being moved into an organisation: wait until its administrators say that it is \
     done",
    "enterprise_is_restricted: the token is of an organisation: put one of the workspace into SLACK_BOT_TOKEN",
    "two_factor_setup_required: the workspace asks for two-factor authentication: whoever installed the app sets it up",
    "deprecated_endpoint method_deprecated method_not_supported unknown_method upgrade_required: Slack does not take \
     this call any more: check SLACK_API_URL, and update auto-ep",
    "no_permission access_denied posting_to_channel_denied send_on_behalf_not_allowed: the workspace does not let this \
     bot do that: ask its administrators",
    "restricted_action: a setting of the workspace forbids it: ask its administrators, or use another channel",
];
/// Stands for all of its kind.
const RESTRICTED: &str = "restricted_action";

/// The class of an error code.
pub fn class_of(code: &str) -> ChatErrorKind {
    let holds = |codes| is_among(codes, code);
    match code {
        "ratelimited" | "rate_limited" => ChatErrorKind::RateLimited(DEFAULT_RETRY_AFTER),
        _ if holds(BUSY) => ChatErrorKind::RateLimited(WORKSPACE_BUSY),
        // A preference of the workspace that is new to us is one all the same.
        _ if holds(PERMANENT) || code.starts_with(RESTRICTED) => ChatErrorKind::Permanent,
        _ if holds(PAYLOAD) => ChatErrorKind::Payload,
        _ if holds(AMBIGUOUS) => ChatErrorKind::Ambiguous,
        _ if holds(GONE) => ChatErrorKind::Gone,
        _ if holds(CLOSED) => ChatErrorKind::Closed,
        _ => ChatErrorKind::Unknown,
    }
}

/// What a person does about an error that no retry mends.
pub fn advice(code: &str) -> Option<&'static str> {
    let known = if code.starts_with(RESTRICTED) { RESTRICTED } else { code };
    let mut rows = ADVICE.iter().filter_map(|row| row.split_once(": "));
    rows.find_map(|(codes, advice)| is_among(codes, known).then_some(advice))
}

fn is_among(codes: &str, code: &str) -> bool {
    codes.split_ascii_whitespace().any(|known| known == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What any method may answer.
    const ANY: &str = "access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied \
        enterprise_is_restricted fatal_error internal_error invalid_arg_name invalid_arguments invalid_array_arg \
        invalid_auth invalid_charset invalid_form_data invalid_post_type method_deprecated missing_post_type \
        missing_scope no_permission not_allowed_token_type not_authed org_login_required ratelimited request_timeout \
        service_unavailable team_access_not_granted team_added_to_org token_expired token_revoked \
        two_factor_setup_required";
    /// What single methods add, but for drafts and `client_msg_id`, which are never sent.
    const METHODS: [(&str, &str); 6] = [
        (
            "chat.postMessage",
            "as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message channel_not_found \
             invalid_blocks invalid_blocks_format invalid_metadata_format invalid_metadata_schema is_archived \
             markdown_text_conflict message_limit_exceeded messages_tab_disabled metadata_must_be_sent_from_app \
             metadata_too_large missing_file_data msg_blocks_too_long msg_too_long no_text not_in_channel rate_limited \
             restricted_action restricted_action_non_threadable_channel restricted_action_read_only_channel \
             restricted_action_thread_locked restricted_action_thread_only_channel send_on_behalf_not_allowed \
             slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked \
             slack_connect_lists_sharing_blocked team_not_found too_many_attachments too_many_contact_cards",
        ),
        (
            "chat.update",
            "block_mismatch blocked_file_type cant_broadcast_message cant_update_message edit_window_closed \
             external_channel_migrating file_deleted file_is_deleted file_not_found file_share_limit_reached \
             invalid_attachments is_inactive max_file_sharing_exceeded message_not_found \
             no_dual_broadcast_content_update posting_to_channel_denied slack_connect_blocked_file_type \
             slack_connect_clip_sharing_blocked slack_connect_file_upload_sharing_blocked streaming_state_conflict \
             unable_to_share_files update_failed",
        ),
        ("chat.delete", "cant_delete_message compliance_exports_prevent_deletion message_not_found"),
        (
            "conversations.history, conversations.replies",
            "channel_not_found invalid_cursor invalid_limit invalid_metadata_filter_keys invalid_ts_latest \
             invalid_ts_oldest method_not_supported_for_channel_type not_in_channel thread_not_found",
        ),
        ("auth.test", ""),
        ("blocks.validate", "invalid_blocks"),
    ];

    #[test]
    fn every_documented_code_has_a_class_and_whatever_a_person_must_mend_has_advice() {
        for (method, own) in METHODS {
            for code in ANY.split_whitespace().chain(own.split_whitespace()) {
                let kind = class_of(code);
                assert_ne!(kind, ChatErrorKind::Unknown, "{method}: {code}");
                assert!(kind != ChatErrorKind::Permanent || advice(code).is_some(), "{method}: {code}");
            }
        }
        for code in PERMANENT.split_whitespace() {
            assert!(advice(code).is_some(), "{code}");
        }
    }

    #[test]
    fn every_error_code_falls_into_its_class() {
        use ChatErrorKind::{Ambiguous, Closed, Gone, Payload, Permanent, RateLimited, Unknown};
        let seconds = |n| RateLimited(Duration::from_secs(n));
        for (codes, kind) in [
            (
                "invalid_auth token_revoked missing_scope channel_not_found not_in_channel is_archived \
                 ekm_access_denied team_access_not_granted org_login_required enterprise_is_restricted accesslimited \
                 messages_tab_disabled restricted_action_thread_locked restricted_action_of_tomorrow",
                Permanent,
            ),
            (
                "invalid_blocks msg_blocks_too_long no_text metadata_too_large invalid_arguments \
                 metadata_must_be_sent_from_app invalid_arg_name invalid_charset invalid_form_data \
                 too_many_attachments",
                Payload,
            ),
            ("ratelimited rate_limited", seconds(1)),
            ("message_limit_exceeded team_added_to_org", seconds(30)),
            ("internal_error fatal_error service_unavailable request_timeout", Ambiguous),
            ("message_not_found thread_not_found cannot_reply_to_message", Gone),
            (
                "cant_update_message edit_window_closed cant_delete_message compliance_exports_prevent_deletion",
                Closed,
            ),
            ("something_slack_invents_tomorrow no_error_named", Unknown),
        ] {
            for code in codes.split_whitespace() {
                assert_eq!(class_of(code), kind, "{code}");
            }
        }
    }

    #[test]
    fn no_code_is_in_two_classes() {
        let mut all: Vec<&str> = [PERMANENT, PAYLOAD, BUSY, AMBIGUOUS, GONE, CLOSED]
            .iter()
            .flat_map(|codes| codes.split_whitespace())
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
