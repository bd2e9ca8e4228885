#!/usr/bin/env bash
# Makes everything that has to exist once for a shop, in Google Cloud and AWS, and writes what it learnt into the shop's
# own settings. Safe to run again at any point: it looks before it makes each thing, and changes nothing that is there.
# shellcheck source=deploy/lib.sh
. "$(dirname "$0")/lib.sh"

help() {
  cat <<'HELP'
deploy/setup.sh [--plan | --dry-run] [--yes] [--SETTING=VALUE]...

Shows what is there and what will be made, asks, and makes it: APIs, accounts, buckets, secrets, CloudFront, the role in
AWS, alerts, and deploy/shops/SHOP/env.yaml. Needs gcloud and the AWS CLI, both logged in as somebody who may make these.

  --plan                  show what is there and what would be made, and end
  --dry-run               the same, and then the exact commands; change nothing
  --yes                   do not ask whether to go on
  --settings FILE         where the settings are (default deploy/settings, which need not exist)
  --help                  this

Settings (NAME=value in the file, --name=value here; what is given here wins):
  --project               the Google Cloud project; required
  --region                asia-northeast3: where the service and its state are
  --shop                  the shop's name; required. Everything is named after it
  --channel               the id of the Slack channel; required until the shop's settings have it
  --aws-region            ap-northeast-2: where the feed's bucket is
  --alert-email           whom alerts are mailed to; whoever is logged in
  --github                OWNER/REPO: its main branch may deploy, without a key (deploy/github-deploy.yaml)
  --service --service-account --scheduler-account --build-account --secrets --env-file --check-seconds
                          as deploy/deploy.sh has them

Names of buckets, the distribution and the role are taken from deploy/shops/SHOP/env.yaml where it has them.
HELP
}

main() {
  local plan_only=no yes=no
  while [ $# -gt 0 ]; do
    case $1 in
      --plan) plan_only=yes DRY_RUN=yes && shift ;;
      --yes) yes=yes && shift ;;
      *) common_flag "$@" && shift "$USED" ;;
    esac
  done
  open_steps
  if [ -z "$CHANNEL" ]; then
    die "CHANNEL is not set" "give the id of the Slack channel (its details show it, C…): CHANNEL=C0123ABCDEF in deploy/settings, or --channel"
  fi
  must_match CHANNEL '[CG][A-Z0-9]{6,}' "give the channel's id, not its name: it stands at the end of the channel's details in Slack"
  must_match AWS_REGION '[a-z]{2}(-[a-z]+)+-[0-9]+' "give a region of AWS like ap-northeast-2, no zone of one"
  if [ -n "$GITHUB" ]; then must_match GITHUB '[A-Za-z0-9-]+/[A-Za-z0-9._-]+' "give OWNER/REPO, not its address"; fi
  if [ -n "$ALERT_EMAIL" ]; then must_match ALERT_EMAIL '[^@[:space:]]+@[^@[:space:]]+' "give an e-mail address"; fi
  if [ -f "$ENV_FILE" ]; then check_env_file; fi
  need_tools gcloud aws
  know_accounts
  show_plan
  if [ "$plan_only" = yes ]; then return 0; fi
  if [ -n "$MISSING" ]; then
    if [ "$DRY_RUN$yes" = nono ]; then agree "Make what is marked with +? [y/N] " || die "nothing was made" "answer y, or give --yes"; fi
    make_missing
  fi
  say_what_is_next
}

# One line a step: = is there, + will be made. MISSING is the latter.
show_plan() {
  local step mark made=0
  MISSING=
  note "$SERVICE in $PROJECT ($REGION) and AWS account $AWS_ACCOUNT ($AWS_REGION)"
  # On a descriptor of its own: the commands inside must not eat the list.
  while IFS= read -r step <&3; do
    mark='='
    if ! call there "$step"; then
      mark=+ made=$((made + 1))
      MISSING="$MISSING$step
"
    fi
    note "  $mark $(call what "$step")"
  done 3<<EOF_STEPS
$(table)
EOF_STEPS
  if [ -n "$OVERRULED" ]; then note "  ! $OVERRULED"; fi
  if [ "$OWN_DISTRIBUTION" = no ]; then note "  = CloudFront distribution $DISTRIBUTION_ID: yours, left as it is"; fi
  if [ "$UNREADABLE" = yes ]; then note "what is there cannot be read (are gcloud and aws logged in?): this is for when nothing is"; fi
  note "$made to make"
}

# agree QUESTION: only y is yes.
agree() {
  local answer=
  printf '%s' "$1" >&2
  IFS= read -r answer || true
  [ "$answer" = y ]
}

make_missing() {
  local step deadline
  while IFS= read -r step <&3; do
    # Looked at once more: what came before it may have changed what it has to do.
    if [ -z "$step" ] || call there "$step"; then continue; fi
    STEP_IS=$(call what "$step")
    note ""
    note "$STEP_IS"
    call make "$step"
    if [ "$DRY_RUN" = yes ]; then continue; fi
    # What is made is looked at, too: later steps learn from that what they need, and no list is up to date at once.
    deadline=$((SECONDS + CHECK_SECONDS))
    until call there "$step"; do
      if [ "$SECONDS" -ge "$deadline" ]; then
        die "it was made, but cannot be seen: $STEP_IS" "run this again in a minute: it goes on from here"
      fi
      sleep 5
    done
  done 3<<EOF_STEPS
$MISSING
EOF_STEPS
}

say_what_is_next() {
  note ""
  note "everything is there. Next:"
  note "  1. invite the bot to the channel in Slack: /invite @auto-ep"
  note "  2. fill in what is empty in $ENV_FILE, and look: cargo run -- check-config $ENV_FILE --try"
  note "  3. deploy/deploy.sh --shop=$SHOP, then deploy/schedule.sh --shop=$SHOP"
  case $FEED_URL in
    '' | "https://$DISTRIBUTION_DOMAIN/"*) ;;
    *) if [ "$OWN_DISTRIBUTION" = yes ]; then note "FEED_URL is $FEED_URL: see that it leads to $DISTRIBUTION_DOMAIN"; fi ;;
  esac
  note "CloudFront takes some minutes to be everywhere. The alert on missing exports is armed by the first export that ends well."
  if [ -n "$GITHUB" ]; then
    note "GitHub: copy deploy/github-deploy.yaml to .github/workflows/deploy.yaml, with PROJECT_NUMBER=$PROJECT_NUMBER PROJECT=$PROJECT SHOP=$SHOP"
  fi
}

main "$@"
