# shellcheck shell=bash disable=SC2034,SC2154
# The steps in Google Cloud: APIs, accounts, the state's bucket, secrets. See steps.sh for how they are made.

APIS="artifactregistry cloudbuild cloudscheduler iam iamcredentials logging monitoring run secretmanager storage sts"

what_apis() { say "the APIs that are called"; }
there_apis() {
  local api
  see serviceusage.googleapis.com roles/serviceusage.serviceUsageAdmin \
    services list --enabled --project="$PROJECT" --format='value(config.name)' || return 1
  for api in $APIS; do
    grep -qx "$api.googleapis.com" <<<"$ANSWER" || return 1
  done
}
make_apis() {
  local api
  local -a names=()
  for api in $APIS; do names+=("$api.googleapis.com"); done
  make gcloud services enable "${names[@]}" --project="$PROJECT"
}

# see API ROLE WORDS...: looks with gcloud; the role is what the person needs to see, and to make, such a thing.
see() {
  ADVICE=$(advice_for_google "$1" "$2")
  shift 2
  look "$ADVICE" gcloud "$@"
}

# binding ROLE MEMBER WORDS...: whether the policy that these words read gives the role to the member.
binding() {
  local wanted="$1 $2"
  shift 2
  see iam.googleapis.com roles/owner "$@" --flatten='bindings[].members' \
    --format='value[separator=" "](bindings.role,bindings.members)' && grep -qxF "$wanted" <<<"$ANSWER"
}

account() { see iam.googleapis.com roles/iam.serviceAccountAdmin iam service-accounts describe "$1" --project="$PROJECT" --format='value(uniqueId)'; }
make_account() { make gcloud iam service-accounts create "${1%%@*}" --display-name="$2" --project="$PROJECT"; }
remove_account() { make gcloud iam service-accounts delete "$1" --project="$PROJECT" --quiet; }

what_run_account() { say "$SERVICE_ACCOUNT: who the service is"; }
there_run_account() { account "$SERVICE_ACCOUNT" && RUN_ID=$ANSWER; }
make_run_account() { make_account "$SERVICE_ACCOUNT" "$SERVICE: the service"; }
remove_run_account() { remove_account "$SERVICE_ACCOUNT"; }

# For the doctor alone, which holds the jobs against SCHEDULE: it reads, and changes nothing. There is no smaller one ready
# made, and jobs have no policies of their own: so it is given on the project, and shows the jobs of others there, too, of
# which the doctor does not ask for what they send. Without it the doctor says that it may not look, and all else works.
JOBS_ROLE=roles/cloudscheduler.viewer
what_jobs_role() { say "it may see the Scheduler's jobs, for the doctor"; }
there_jobs_role() { project_role "$SERVICE_ACCOUNT" "$JOBS_ROLE"; }
make_jobs_role() { make_project_role "$SERVICE_ACCOUNT" "$JOBS_ROLE"; }
remove_jobs_role() { remove_project_role "$SERVICE_ACCOUNT" "$JOBS_ROLE"; }

what_scheduler_account() { say "$SCHEDULER_ACCOUNT: who calls it; schedule.sh lets it in"; }
there_scheduler_account() { account "$SCHEDULER_ACCOUNT"; }
make_scheduler_account() { make_account "$SCHEDULER_ACCOUNT" "$SERVICE: the Scheduler's calls"; }
remove_scheduler_account() { remove_account "$SCHEDULER_ACCOUNT"; }

# Who builds may read the source, store the image and write its log, and nothing more.
BUILD_ROLE=roles/run.builder
what_build_account() { say "$BUILD_ACCOUNT: who builds the image"; }
there_build_account() { account "$BUILD_ACCOUNT"; }
make_build_account() { make_account "$BUILD_ACCOUNT" "$SERVICE: builds of the image"; }
remove_build_account() {
  remove_project_role "$BUILD_ACCOUNT" "$BUILD_ROLE"
  remove_account "$BUILD_ACCOUNT"
}

what_build_role() { say "it may build, in a project whose own account for builds may not"; }
there_build_role() { project_role "$BUILD_ACCOUNT" "$BUILD_ROLE"; }
make_build_role() { make_project_role "$BUILD_ACCOUNT" "$BUILD_ROLE"; }

# What an account is given on the project: ACCOUNT ROLE.
project_role() { binding "$2" "serviceAccount:$1" projects get-iam-policy "$PROJECT"; }
make_project_role() {
  make gcloud projects add-iam-policy-binding "$PROJECT" --member="serviceAccount:$1" --role="$2" --condition=None --format=none
}
# Before its account goes: a binding outlives it.
remove_project_role() {
  if project_role "$1" "$2"; then
    make gcloud projects remove-iam-policy-binding "$PROJECT" --member="serviceAccount:$1" --role="$2" --condition=None --format=none
  fi
}

what_state_bucket() { say "gs://$STATE_BUCKET: the state, closed to the public, rights on the bucket alone, in $REGION"; }
there_state_bucket() {
  local -a describe=(gcloud storage buckets describe "gs://$STATE_BUCKET" --format='value(name)')
  ADVICE=$(advice_for_google storage.googleapis.com roles/storage.admin)
  if ask "${describe[@]}"; then return 0; fi
  # Buckets' names are one for all the world.
  if ! complained_of login && ! complained_of disabled && complained_of denied && [ "$DRY_RUN" = no ]; then
    show_complaint
    die "gs://$STATE_BUCKET is somebody else's, or closed to your account" \
      "if it is yours, your account needs roles/storage.admin (or to be an owner of $PROJECT)" \
      "if not, name another one in $ENV_FILE: STATE_URL: \"gs://a-name-of-your-own\""
  fi
  absent_or_die "$ADVICE" "${describe[@]}"
}
make_state_bucket() {
  make gcloud storage buckets create "gs://$STATE_BUCKET" --project="$PROJECT" --location="$REGION" \
    --uniform-bucket-level-access --public-access-prevention
}
remove_state_bucket() { make gcloud storage rm --recursive --all-versions "gs://$STATE_BUCKET" --quiet; }

# Records age out; what was replaced or deleted stays for two weeks, to go back to. published.json and thread.ts stay.
state_rules() {
  printf '%s' '{"rule":[{"action":{"type":"Delete"},"condition":{"age":'"$KEEP_DAYS"',"isLive":true,"matchesPrefix":["'"${STATE_PREFIX}"'runs/","'"${STATE_PREFIX}"'days/"]}},'
  printf '%s\n' '{"action":{"type":"Delete"},"condition":{"daysSinceNoncurrentTime":14}}]}'
}
what_state_rules() { say "its versions, kept for 14 days; records of runs and days age out after $KEEP_DAYS"; }
# Rules that somebody else made are as good as ours: they may be about other things in that bucket.
there_state_rules() {
  see storage.googleapis.com roles/storage.admin storage buckets describe "gs://$STATE_BUCKET" --format='json(lifecycle_config,versioning_enabled)' || return 1
  case $(compact <<<"$ANSWER") in
    *'"rule":'*) grep -q '"versioning_enabled": true' <<<"$ANSWER" ;;
    *) return 1 ;;
  esac
}
make_state_rules() {
  put_file state-lifecycle.json "$(state_rules)"
  make gcloud storage buckets update "gs://$STATE_BUCKET" --versioning --lifecycle-file="$FILE"
}

what_state_access() { say "the service may read and write it"; }
there_state_access() { binding roles/storage.objectUser "$RUN_MEMBER" storage buckets get-iam-policy "gs://$STATE_BUCKET"; }
make_state_access() {
  make gcloud storage buckets add-iam-policy-binding "gs://$STATE_BUCKET" --member="$RUN_MEMBER" --role=roles/storage.objectUser --format=none
}

# The secret and its value are two steps: who is interrupted between them is asked again.
what_secret() { say "the secret $1"; }
there_secret() { see secretmanager.googleapis.com roles/secretmanager.admin secrets describe "$1" --project="$PROJECT" --format='value(name)'; }
make_secret() { make gcloud secrets create "$1" --replication-policy=automatic --project="$PROJECT"; }
remove_secret() { make gcloud secrets delete "$1" --project="$PROJECT" --quiet; }

what_secret_value() { say "its value: asked for, shown nowhere"; }
there_secret_value() {
  see secretmanager.googleapis.com roles/secretmanager.admin secrets versions list "$1" --project="$PROJECT" \
    --filter=state=ENABLED --limit=1 --format='value(name)' && [ -n "$ANSWER" ]
}
make_secret_value() {
  local value=
  note "$(secret_hint "$1")"
  if [ "$DRY_RUN" = yes ]; then
    say "read -rs value && printf %s \"\$value\" | gcloud secrets versions add $(quote "$1") --data-file=- --project=$(quote "$PROJECT")"
    return 0
  fi
  printf '%s: ' "$1" >&2
  IFS= read -rs value || true
  printf '\n' >&2
  case $1:$value in
    *:) die "no value was given for $1" "run this again and paste it; nothing that is made already is lost" ;;
    *slack-bot-token:xoxb-*) ;;
    *slack-bot-token:*) die "that is no bot token: it does not begin with xoxb-" "api.slack.com/apps, your app, OAuth & Permissions, Bot User OAuth Token" ;;
  esac
  show gcloud secrets versions add "$1" --data-file=- --project="$PROJECT"
  printf %s "$value" | gcloud secrets versions add "$1" --data-file=- --project="$PROJECT" ||
    die "the value of $1 could not be stored" "$(printf '%s\n' "$ADVICE" | choose_advice)" "then run this again"
}
secret_hint() {
  case $1 in
    *slack-bot-token) say "the bot token (xoxb-...) of the Slack app; this link makes the app: $(slack_link)" ;;
    *) say "the value of $1" ;;
  esac
}

# The page on which Slack makes the app from deploy/slack-app.yaml, filled in.
slack_link() {
  local LC_ALL=C text i char
  text=$(sed '/^ *#/d' deploy/slack-app.yaml)
  printf 'https://api.slack.com/apps?new_app=1&manifest_yaml='
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    case $char in
      [A-Za-z0-9._~-]) printf %s "$char" ;;
      *) printf '%%%02X' "'$char" ;;
    esac
  done
}

what_secret_access() { say "the service may read it"; }
there_secret_access() { binding roles/secretmanager.secretAccessor "$RUN_MEMBER" secrets get-iam-policy "$1" --project="$PROJECT"; }
make_secret_access() {
  make gcloud secrets add-iam-policy-binding "$1" --member="$RUN_MEMBER" --role=roles/secretmanager.secretAccessor \
    --project="$PROJECT" --format=none
}
