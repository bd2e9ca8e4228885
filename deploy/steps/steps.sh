# shellcheck shell=bash disable=SC2034  # what is set here is used by the scripts that source it
# What setup.sh and teardown.sh share: the table of steps, and how one is looked at and made. Sourced, never run.
#
# A step NAME, or NAME:ARGUMENT, is made of functions: what_NAME says in one line what it is, there_NAME looks whether it is
# as it should be and learns what later steps need of it (an id, an address), make_NAME makes it, and remove_NAME, where
# there is one, takes it away; what goes with something else has none. None of them asks what another one did: all that
# they know is what they see, so whatever was interrupted goes on from there.
. deploy/steps/google.sh
. deploy/steps/alerts.sh
. deploy/steps/aws.sh
. deploy/steps/github.sh
. deploy/steps/env_file.sh

# How long old builds, and records of runs and days, are kept.
KEEP_DAYS=60

# The steps in the order in which each finds what it needs.
table() {
  local secret
  printf '%s\n' apis run_account jobs_role scheduler_account
  if [ -n "$BUILD_ACCOUNT" ]; then printf '%s\n' build_account build_role; fi
  printf '%s\n' state_bucket state_rules state_access
  for secret in $(printf %s "$SECRETS" | tr ',' ' '); do
    secret=${secret#*=}
    printf '%s\n' "secret:${secret%%:*}" "secret_value:${secret%%:*}" "secret_access:${secret%%:*}"
  done
  printf '%s\n' feed_bucket feed_private feed_versions feed_rules
  if [ "$OWN_DISTRIBUTION" = yes ]; then printf '%s\n' access_control distribution feed_reader; fi
  if [ "$KEYLESS" = yes ]; then printf '%s\n' role role_rights; fi
  printf '%s\n' channel error_alert export_metric export_alert
  if [ -n "$GITHUB" ]; then printf '%s\n' pool provider deploy_account deploy_login deploy_acts deploy_roles; fi
  printf '%s\n' env_file
}

# The names of everything, from what the shop's own settings say already and else from the project and the shop.
name_things() {
  local place
  if [ -z "$SHOP" ]; then
    die "SHOP is not set" "give the shop's name: SHOP=moa in deploy/settings, or --shop=moa; deploy/shops/moa holds its settings then"
  fi
  case ${SERVICE_ACCOUNT%%@*}:${SCHEDULER_ACCOUNT%%@*} in
    ???????????????????????????????*:* | *:???????????????????????????????*)
      die "the service accounts of $SERVICE would have names of more than 30 characters" \
        "choose a SHOP of at most 12, or name the accounts with SERVICE_ACCOUNT and SCHEDULER_ACCOUNT"
      ;;
  esac
  place=$(env_value STATE_URL)
  STATE_URL=${place:-gs://$PROJECT-$SERVICE-state}
  place=$(env_value FEED_STORE_URL)
  FEED_STORE_URL=${place:-s3://$PROJECT-$SERVICE-feed/ep}
  case $STATE_URL+$FEED_STORE_URL in
    gs://?*+s3://?*) ;;
    *) die "$ENV_FILE keeps the state in $STATE_URL and the feed in $FEED_STORE_URL" \
      "setup makes buckets: write gs://bucket and s3://bucket/ep, or leave both empty" ;;
  esac
  split_place "${STATE_URL#gs://}" && STATE_BUCKET=$BUCKET STATE_PREFIX=$PREFIX
  split_place "${FEED_STORE_URL#s3://}" && FEED_BUCKET=$BUCKET FEED_PREFIX=$PREFIX
  # Whoever gives another project by mistake would take the shop's role and address away from the service that runs.
  case $STATE_BUCKET in
    "$PROJECT-$SERVICE-state") ;;
    *-"$SERVICE-state") die "$ENV_FILE keeps the state in $STATE_URL: that is the project ${STATE_BUCKET%-"$SERVICE"-state}, and PROJECT is $PROJECT" \
      "give the right project; to move the shop to this one, empty STATE_URL first: \"Move a shop\" in deploy/README.md" ;;
  esac
  local bucket
  for bucket in "$STATE_BUCKET" "$FEED_BUCKET"; do
    if ! grep -qE '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' <<<"$bucket"; then
      die "$bucket is no name for a bucket: 3 to 63 small letters, digits, dots and hyphens" \
        "name one in $ENV_FILE: STATE_URL: \"gs://a-name-of-your-own\", FEED_STORE_URL: \"s3://a-name-of-your-own/ep\""
    fi
  done
  FEED_KEY=$(env_value FEED_KEY) && FEED_KEY=${FEED_KEY:-$SHOP.tsv}
  OVERRULED=
  said_by_shop CHANNEL SLACK_CHANNEL
  said_by_shop AWS_REGION AWS_REGION
  AWS_REGION=${AWS_REGION:-ap-northeast-2}
  # A distribution that was there before is its owner's: nothing of it is looked at or changed.
  DISTRIBUTION_ID=$(env_value CLOUDFRONT_DISTRIBUTION_ID) FEED_URL=$(env_value FEED_URL)
  ROLE_ARN=$(env_value AWS_ROLE_ARN) OWN_DISTRIBUTION=yes KEYLESS=yes
  # The second best: whoever names a static key among the secrets is asked for it, and gets no role.
  case $SECRETS in *AWS_ACCESS_KEY_ID=*) KEYLESS=no ;; esac
  RUN_MEMBER=serviceAccount:$SERVICE_ACCOUNT
  # What is not known before it is made stands like this in a dry run.
  RUN_ID=ID-OF-RUN-ACCOUNT CONTROL_ID=ID-OF-ACCESS-CONTROL ALERT_CHANNEL=NAME-OF-CHANNEL
  DISTRIBUTION_DOMAIN=DOMAIN-OF-DISTRIBUTION
}

# said_by_shop SETTING VARIABLE: what the shop's own settings say is what the service gets, so it counts here as well.
said_by_shop() {
  local said
  said=$(env_value "$2")
  if [ -z "$said" ]; then return 0; fi
  if [ -n "${!1}" ] && [ "${!1}" != "$said" ]; then
    OVERRULED="${OVERRULED:+$OVERRULED; }$1 is ${!1}, but $ENV_FILE has $2: \"$said\", which counts"
  fi
  printf -v "$1" %s "$said"
}

# bucket/prefix → BUCKET and PREFIX; the prefix ends in / or is empty.
split_place() {
  BUCKET=${1%%/*} PREFIX=
  case $1 in */?*) PREFIX=${1#*/} && PREFIX=${PREFIX%/}/ ;; esac
}

# Who is logged in where. What both clouds know the project and the account by is learnt on the way.
know_accounts() {
  if look "$(advice_for_google cloudresourcemanager.googleapis.com roles/viewer)" \
    gcloud projects describe "$PROJECT" --format='value(projectNumber)'; then
    PROJECT_NUMBER=$ANSWER
  elif [ "$DRY_RUN" = no ]; then
    show_complaint
    die "there is no project $PROJECT that you may see" "gcloud projects list shows those that you may; PROJECT stands in deploy/settings"
  fi
  if look "$(advice_for_aws sts:GetCallerIdentity)" aws sts get-caller-identity --query=Account --output=text; then
    AWS_ACCOUNT=$ANSWER
  fi
  PROJECT_NUMBER=${PROJECT_NUMBER:-NUMBER-OF-PROJECT} AWS_ACCOUNT=${AWS_ACCOUNT:-ID-OF-AWS-ACCOUNT}
  ROLE_NAME=$SERVICE
  case $ROLE_ARN in
    '' | arn:aws*:iam::"$AWS_ACCOUNT":role/*) ;;
    *) if [ "$AWS_ACCOUNT" != ID-OF-AWS-ACCOUNT ]; then
      die "$ENV_FILE names the role $ROLE_ARN, and you are logged in to the AWS account $AWS_ACCOUNT" \
        "log in to the account of the role (aws configure, or aws sso login), or empty AWS_ROLE_ARN to have one made in this one"
    fi ;;
  esac
  if [ -n "$ROLE_ARN" ]; then ROLE_NAME=${ROLE_ARN##*/}; fi
  ROLE_ARN=${ROLE_ARN:-arn:aws:iam::$AWS_ACCOUNT:role/$ROLE_NAME}
  # One that the settings name and that is not setup's own is somebody else's.
  if [ -n "$DISTRIBUTION_ID" ] && ! there_distribution && [ "$DISTRIBUTION_IS" = missing ]; then OWN_DISTRIBUTION=no; fi
}

# look ADVICE COMMAND...: does what the command asks for exist? Its answer is in ANSWER. Whatever else goes wrong than that it
# is absent ends here, but in a dry run, which shows what happens where nothing is there.
UNREADABLE=no
look() {
  local advice=$1
  shift
  ask "$@" || absent_or_die "$advice" "$@"
}

# What the last complaint of `look` comes to.
absent_or_die() {
  if ! complained_of login && { complained_of absent || complained_of disabled; }; then return 1; fi
  if [ "$DRY_RUN" = yes ]; then UNREADABLE=yes && return 1; fi
  show_complaint
  local advice=$1
  shift
  die "it cannot be seen what is there: $(quote "$1 $2 $3") was refused" "$(printf '%s\n' "$advice" | choose_advice)"
}

# The advice for Google and AWS, each as "login|denied" of one line; which of the two, the complaint says.
advice_for_google() { say "gcloud auth login|your account needs $2 (or to be an owner of $PROJECT)"; }
advice_for_aws() { say "aws configure, or aws sso login|your AWS user needs $1"; }
choose_advice() {
  local login denied right
  IFS='|' read -r login denied
  # AWS mostly says which right it was.
  right=$(sed -n 's/.*not authorized to perform: \([a-z0-9]*:[A-Za-z]*\).*/\1/p' <<<"$COMPLAINT" | head -n 1)
  if complained_of login; then
    say "log in: $login"
  elif complained_of component; then
    say "install the commands that are missing: gcloud components install alpha beta"
  elif complained_of billing; then
    say "give the project a billing account: https://console.cloud.google.com/billing/linkedaccount?project=$PROJECT"
  elif complained_of unverified; then
    say "AWS verifies a new account before it has a distribution: open a case at AWS Support, as it says above"
  elif [ -n "$right" ]; then
    say "your AWS user needs $right"
  elif complained_of denied; then
    say "$denied"
  else
    say "read what it said above; run this again when it is mended"
  fi
}

# What is done to things: made or removed.
DONE_IS=made

# make COMMAND...: shows a command and runs it. What it names may be so new that it is not known everywhere yet: then again
# for a while. A secret's value comes through the standard input.
make() {
  local deadline=$((SECONDS + CHECK_SECONDS))
  show "$@"
  if [ "$DRY_RUN" = yes ]; then return 0; fi
  until ask "$@"; do
    show_complaint
    if ! complained_of billing && { complained_of absent || complained_of disabled; } && [ "$SECONDS" -lt "$deadline" ]; then
      sleep 5
    else
      die "$STEP_IS could not be $DONE_IS" "$(printf '%s\n' "$ADVICE" | choose_advice)" "then run this again: what is there already is left alone"
    fi
  done
}

# put_file NAME TEXT: a file for a command that takes nothing else; FILE is its name.
put_file() {
  if [ "$DRY_RUN" = yes ]; then
    FILE=${TMPDIR:-/tmp}/$SERVICE.$1
    say "printf '%s\\n' $(quote "$2") >$(quote "$FILE")"
  else
    FILE=$SCRATCH/$1
    printf '%s\n' "$2" >"$FILE"
  fi
}

# JSON as it is compared: without the spaces and line ends between.
compact() { tr -d ' \n\r'; }

# Calls one of a step's functions: call there secret:NAME.
call() { "$1_${2%%:*}" "${2#*:}"; }
