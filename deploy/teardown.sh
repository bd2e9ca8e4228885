#!/usr/bin/env bash
# Lists what setup.sh made for a shop, asks, and removes it; the buckets, with all that is in them, only after a second yes.
# Safe to run again at any point. APIs stay switched on: they cost nothing, and others may use them.
# shellcheck source=deploy/lib.sh
. "$(dirname "$0")/lib.sh"

help() {
  cat <<'HELP'
deploy/teardown.sh [--dry-run] [--SETTING=VALUE]...

Removes what deploy/setup.sh made for a shop, in Google Cloud and AWS. It asks first, and asks again for the two buckets:
what is in them cannot be had back.

  --dry-run               list it, show the exact commands, remove nothing
  --settings FILE         where the settings are (default deploy/settings, which need not exist)
  --help                  this

Settings (NAME=value in the file, --name=value here; what is given here wins):
  --project --region --shop --aws-region --github
  --service --service-account --scheduler-account --build-account --secrets --env-file --check-seconds
                          as they were given to deploy/setup.sh
HELP
}

main() {
  while [ $# -gt 0 ]; do
    common_flag "$@" && shift "$USED"
  done
  open_steps
  need_tools gcloud aws
  know_accounts
  DONE_IS=removed
  refuse_while_deployed
  list_what_is_there
  if [ "$UNREADABLE" = yes ]; then note "what is there cannot be read (are gcloud and aws logged in?): there may be more"; fi
  if [ -z "$HERE$DATA" ]; then note "there is nothing to remove" && return 0; fi
  if [ "$DRY_RUN" = no ] && [ -n "$HERE" ]; then
    agreed "$SHOP" "This cannot be taken back. Write the shop's name to remove what is marked with -: "
  fi
  remove_all "$HERE"
  forget
  if [ -z "$DATA" ]; then return 0; fi
  if [ "$DRY_RUN" = no ]; then
    note ""
    note "the buckets are still there: the state's history and every build of the feed"
    agreed "delete the data" "Write \"delete the data\" to remove them as well: "
  fi
  remove_all "$DATA"
}

# What runs as an account that is gone fails in ways that nobody understands.
refuse_while_deployed() {
  if look "$(advice_for_google run.googleapis.com roles/run.viewer)" \
    gcloud run services describe "$SERVICE" --project="$PROJECT" --region="$REGION" --format='value(status.url)'; then
    if [ "$DRY_RUN" = yes ]; then note "the service $SERVICE is deployed: the real run stops here" && return 0; fi
    die "the service $SERVICE is deployed in $PROJECT" \
      "remove its jobs: deploy/schedule.sh --shop=$SHOP --delete" \
      "and the service: gcloud run services delete $SERVICE --project=$PROJECT --region=$REGION"
  fi
}

# HERE and DATA: the steps whose things are there, the last one made first.
list_what_is_there() {
  local step
  HERE='' DATA=''
  note "$SERVICE in $PROJECT ($REGION) and AWS account $AWS_ACCOUNT ($AWS_REGION)"
  while IFS= read -r step <&3; do
    if ! declare -F "remove_${step%%:*}" >/dev/null; then continue; fi
    # What is there and not as it should be goes, too.
    ROLE_IS='' DISTRIBUTION_IS=''
    if ! call there "$step"; then
      case $step:$ROLE_IS$DISTRIBUTION_IS in role:old | distribution:False) ;; *) continue ;; esac
    fi
    if ! own_name "$step"; then note "  = $(call what "$step"): yours, left as it is" && continue; fi
    case $step in
      state_bucket | feed_bucket)
        DATA="$step
$DATA"
        note "  ! $(call what "$step")"
        ;;
      *)
        HERE="$step
$HERE"
        note "  - $(call what "$step")"
        ;;
    esac
  done 3<<EOF_STEPS
$(table)
EOF_STEPS
}

# What the settings name otherwise than setup does was there before, or is for others, too.
own_name() {
  local name own=$SERVICE-
  case $1 in
    state_bucket) name=$STATE_BUCKET own=$PROJECT-$SERVICE-state ;;
    feed_bucket) name=$FEED_BUCKET own=$PROJECT-$SERVICE-feed ;;
    run_account) name=$SERVICE_ACCOUNT ;;
    scheduler_account) name=$SCHEDULER_ACCOUNT ;;
    build_account) name=$BUILD_ACCOUNT ;;
    secret:*) name=${1#*:} ;;
    *) return 0 ;;
  esac
  case $name in "$own"*) return 0 ;; *) return 1 ;; esac
}

# agreed WORDS QUESTION: goes on only if exactly these words are the answer.
agreed() {
  local answer=
  printf '%s' "$2" >&2
  IFS= read -r answer || true
  if [ "$answer" != "$1" ]; then die "not removed" "nothing more was changed; run this again to go on"; fi
}

remove_all() {
  local step
  while IFS= read -r step <&3; do
    if [ -z "$step" ]; then continue; fi
    STEP_IS=$(call what "$step")
    note ""
    note "$STEP_IS"
    call remove "$step"
  done 3<<EOF_STEPS
$1
EOF_STEPS
}

# What the shop's settings no longer can name.
forget() {
  local -a gone=()
  if [ "$OWN_DISTRIBUTION" = yes ]; then gone+=(CLOUDFRONT_DISTRIBUTION_ID FEED_URL); fi
  if [ "$KEYLESS" = yes ]; then gone+=(AWS_ROLE_ARN); fi
  if [ "$DRY_RUN" = no ] && [ "${#gone[@]}" -gt 0 ]; then forget_in_env_file "${gone[@]}"; fi
}

main "$@"
