# shellcheck shell=bash disable=SC2034,SC2154
# The steps that make somebody look: a mail for an error in the log, and for an export that did not come.

# The longest gap between two exports of the default schedule is 15 hours; Monitoring's own limit is 23.5.
ABSENCE_HOURS=17

# In a filter of logs and of metrics: whatever this service's revisions write.
OF_SERVICE='resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"'

# The e-mail address: ALERT_EMAIL, else whoever is logged in.
alert_email() {
  if [ -z "$ALERT_EMAIL" ]; then
    see monitoring.googleapis.com roles/monitoring.editor auth list --filter=status:ACTIVE --format='value(account)' || true
    ALERT_EMAIL=${ANSWER:-YOUR-ADDRESS}
    case $ALERT_EMAIL in
      *.gserviceaccount.com) die "ALERT_EMAIL is not set, and a service account reads no mail" "give the address that alerts go to: --alert-email=you@example.com" ;;
    esac
  fi
}

what_channel() { alert_email && say "alerts go to $ALERT_EMAIL"; }
# Two of one name can be there where somebody made another; one is enough.
there_channel() {
  see monitoring.googleapis.com roles/monitoring.editor beta monitoring channels list --project="$PROJECT" \
    --filter="displayName=\"$SERVICE\"" --format='value(name)' && [ -n "$ANSWER" ] && ALERT_CHANNEL=${ANSWER%%$'\n'*}
}
make_channel() {
  alert_email
  make gcloud beta monitoring channels create --display-name="$SERVICE" --type=email \
    --channel-labels="email_address=$ALERT_EMAIL" --project="$PROJECT"
}
remove_channel() { make gcloud beta monitoring channels delete "$ALERT_CHANNEL" --project="$PROJECT" --quiet; }

# policy NAME: looks for an alert by its name; POLICY is what Monitoring calls it.
policy() {
  see monitoring.googleapis.com roles/monitoring.editor alpha monitoring policies list --project="$PROJECT" \
    --filter="displayName=\"$SERVICE: $1\"" --format='value(name)' && [ -n "$ANSWER" ] && POLICY=${ANSWER%%$'\n'*}
}
# make_policy NAME CONDITIONS STRATEGY WHAT_TO_DO
make_policy() {
  make gcloud alpha monitoring policies create --project="$PROJECT" --policy='{"displayName":"'"$SERVICE: $1"'","combiner":"OR","conditions":['"$2"'],"notificationChannels":["'"$ALERT_CHANNEL"'"],"alertStrategy":{'"$3"'},"documentation":{"mimeType":"text/markdown","content":"'"$4"'"}}'
}
remove_policy() { policy "$1" && make gcloud alpha monitoring policies delete "$POLICY" --project="$PROJECT" --quiet; }

what_error_alert() { say "an alert on each error in the service's log, one mail an hour at most"; }
there_error_alert() { policy errors; }
make_error_alert() {
  make_policy errors \
    '{"displayName":"an error in the log","conditionMatchedLog":{"filter":"'"$OF_SERVICE$SERVICE"'\" AND severity>=ERROR"}}' \
    '"notificationRateLimit":{"period":"3600s"},"autoClose":"86400s"' \
    "deploy/README.md, What each alert means: the day's thread in Slack says it first; where there is no thread, Slack or the state is the trouble."
}
remove_error_alert() { remove_policy errors; }

what_export_metric() { say "the count of exports that ended well, from the log"; }
there_export_metric() {
  see logging.googleapis.com roles/logging.configWriter logging metrics describe "$SERVICE-exports" --project="$PROJECT" --format='value(name)'
}
# The line that the log holds of each run's end. Neither a dry run nor an answer given once more is an export.
make_export_metric() {
  make gcloud logging metrics create "$SERVICE-exports" --project="$PROJECT" \
    --description="Exports of $SERVICE that ended with a public feed" \
    --log-filter="resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"$SERVICE\" AND jsonPayload.route=\"export-products\" AND (jsonPayload.status=\"Ok\" OR jsonPayload.status=\"Warn\") AND jsonPayload.dry_run=false AND jsonPayload.replayed=false"
}
remove_export_metric() { make gcloud logging metrics delete "$SERVICE-exports" --project="$PROJECT" --quiet; }

what_export_alert() { say "an alert when no export ended well for $ABSENCE_HOURS hours; armed by the first that does"; }
there_export_alert() { policy "no export"; }
# All revisions together: each has a count of its own, and an old one's ends for good. Whether a count that has nothing to
# count is absent or zero, the documentation leaves open; so either one counts.
make_export_alert() {
  local of seconds=$((ABSENCE_HOURS * 3600))
  of='"filter":"metric.type=\"logging.googleapis.com/user/'"$SERVICE"'-exports\" AND resource.type=\"cloud_run_revision\"","aggregations":[{"perSeriesAligner":"ALIGN_SUM","crossSeriesReducer":"REDUCE_SUM","alignmentPeriod"'
  make_policy "no export" \
    '{"displayName":"no count of exports","conditionAbsent":{'"$of"':"300s"}],"duration":"'$seconds's"}},{"displayName":"a count of none","conditionThreshold":{'"$of"':"'$seconds's"}],"comparison":"COMPARISON_LT","thresholdValue":1,"duration":"0s"}}' \
    '"autoClose":"86400s"' \
    "deploy/README.md, What each alert means: the published feed stands as it was, and grows old. deploy/schedule.sh --list shows whether the jobs run."
}
remove_export_alert() { remove_policy "no export"; }
