#!/usr/bin/env bash
# Keeps the Cloud Scheduler jobs that call auto-ep, one for each entry of SCHEDULE in env.yaml: the same setting that
# the service reads, so that what is called and what the service waits for cannot drift apart.
# Safe to run again: a job that is as it should be is left alone.
# shellcheck source=deploy/lib.sh
. "$(dirname "$0")/lib.sh"

# What the service assumes when SCHEDULE or TIMEZONE is not set.
DEFAULT_SCHEDULE='create-thread@0 0 * * *;export-products@5 0 * * *;export-products@0 15 * * *;verify-ep@50 0,9,13,17 * * *'
DEFAULT_TIMEZONE=Asia/Seoul

ROUTES="create-thread export-products verify-ep"

# Five retries after the first attempt: the most that the Scheduler has. The first comes 25 s later, when the lease of
# an instance that died (15 s) has run out; each further one waits twice as long.
RETRIES=5
FIRST_RETRY=25s

help() {
  cat <<'HELP'
deploy/schedule.sh [--dry-run] [--SETTING=VALUE]...    make the jobs what SCHEDULE in env.yaml says
deploy/schedule.sh --list                              show them: next run, when, last run and what came of it
deploy/schedule.sh --pause [JOB]...                    stop calling the service: all jobs, or these
deploy/schedule.sh --resume [JOB]...                   go on calling it
deploy/schedule.sh --run JOB                           run one now; it counts as a manual run, not as the next one
deploy/schedule.sh --delete [JOB]...                   remove all jobs that this script made, or these

  --dry-run               print the exact commands that would change something, change nothing
  --no-grant              do not look whether the Scheduler's account may call the service
  --settings FILE         where the settings are (default deploy/settings, which need not exist)
  --help                  this

A JOB is named as --list shows it; the service's name in front may be left out. Jobs that this script made and that
are no longer in SCHEDULE are deleted; other jobs are never touched.

Settings (NAME=value in the file, --name=value here; what is given here wins):
  --project               the Google Cloud project; required
  --region                asia-northeast3; where the service and the jobs are
  --shop                  one of deploy/shops: its folder's name. It decides service and env-file
  --service               auto-ep; of a shop auto-ep-SHOP
  --scheduler-account     who calls; auto-ep-scheduler@PROJECT.iam.gserviceaccount.com
  --env-file              env.yaml: SCHEDULE and TIMEZONE are read from it
HELP
}

main() {
  local mode=apply chosen=
  GRANT=yes
  while [ $# -gt 0 ]; do
    case $1 in
      --no-grant) GRANT=no && shift ;;
      --list | --pause | --resume | --run | --delete)
        if [ "$mode" != apply ]; then usage_error "--$mode and $1 do not go together"; fi
        mode=${1#--}
        shift
        # The words that follow are the jobs it is about.
        while [ $# -gt 0 ]; do
          case $1 in -*) break ;; esac
          chosen="$chosen $1"
          shift
        done
        ;;
      *) common_flag "$@" && shift "$USED" ;;
    esac
  done
  case $mode:$chosen in
    list:?*) usage_error "--list takes no job" ;;
    run: | run:\ *\ *) usage_error "--run takes exactly one job; --list shows them" ;;
  esac
  enter_repository
  load_settings
  need_tools gcloud
  # How the jobs that are ours are told from others: by this description, word for word.
  DESCRIPTION="kept by deploy/schedule.sh for the service $SERVICE"
  case $mode in
    apply) apply ;;
    list) list ;;
    run) run_now "$(full_name "$chosen")" ;;
    *) switch "$mode" "$chosen" ;;
  esac
}

# ---------------------------------------------------------------------------------------------- SCHEDULE → jobs

trim() { printf %s "$1" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//'; }

read_timezone() {
  local timezone
  timezone=$(env_value TIMEZONE)
  printf %s "${timezone:-$DEFAULT_TIMEZONE}"
}

# Reads SCHEDULE into JOBS, one line each: name|route|cron.
read_schedule() {
  local schedule entry route cron name source=$ENV_FILE
  schedule=$(env_value SCHEDULE)
  if [ -z "$schedule" ]; then schedule=$DEFAULT_SCHEDULE source="the default schedule"; fi
  TIMEZONE=$(read_timezone)
  local entries=
  while IFS= read -r entry; do
    entry=$(trim "$entry")
    if [ -z "$entry" ]; then continue; fi
    route=$(trim "${entry%%@*}") cron=$(trim "${entry#*@}")
    case " $ROUTES " in
      *" $route "*) ;;
      *) die "SCHEDULE in $source holds \"$entry\", and \"$route\" is no route of the service" "the routes are: $ROUTES" ;;
    esac
    if ! grep -qE '^[0-9A-Za-z*/,-]+( +[0-9A-Za-z*/,-]+){4}$' <<<"$cron" || [ "$entry" = "$route" ]; then
      die "SCHEDULE in $source holds \"$entry\", which has no cron expression of five fields" \
        "write route@minute hour day month weekday, like export-products@5 0 * * *; entries with ; between"
    fi
    # The Scheduler's own spelling: one space between the fields.
    cron=$(printf %s "$cron" | tr -s ' ')
    entries="$entries$route|$cron
"
  done <<EOF_ENTRIES
$(printf '%s\n' "$schedule" | tr ';' '\n')
EOF_ENTRIES
  if [ -z "$entries" ]; then die "SCHEDULE in $source is empty" "remove the line to get the default"; fi
  if [ -n "$(printf %s "$entries" | sort | uniq -d)" ]; then
    die "SCHEDULE in $source holds an entry twice: $(printf %s "$entries" | sort | uniq -d | head -n 1 | tr '|' '@')" \
      "keep one of them: two jobs at the same minute would do the same work"
  fi
  JOBS=
  while IFS='|' read -r route cron; do
    # A route with one entry keeps its name whatever its time is; with several, the time tells them apart.
    name=$SERVICE-$route
    if [ "$(printf %s "$entries" | grep -c "^$route|")" -gt 1 ]; then name=$name-$(time_suffix "$cron"); fi
    JOBS="$JOBS$name|$route|$cron
"
  done <<EOF_ENTRIES
$(printf %s "$entries")
EOF_ENTRIES
}

# "5 0 * * *" → 0005. What has no plain time of day is spelled out: "*/30 9-17 * * 1" → 9-17hxs30-x-x-1.
time_suffix() {
  local minute hour day month weekday suffix
  read -r minute hour day month weekday <<EOF_CRON
$1
EOF_CRON
  case $minute$hour in
    *[!0-9]*) suffix=$(spell "$hour")h$(spell "$minute") ;;
    *) suffix=$(printf '%02d%02d' "$((10#$hour))" "$((10#$minute))") ;;
  esac
  if [ "$day $month $weekday" != "* * *" ]; then suffix=$suffix-$(spell "$day-$month-$weekday"); fi
  printf %s "$suffix"
}

# The characters of a cron expression that the name of a job cannot hold.
spell() { printf %s "$1" | sed 's/\*/x/g; s/,/_/g; s,/,s,g'; }

# ---------------------------------------------------------------------------------------------- what is there

# The service's address is what the jobs call, and for whom their token is made out.
read_url() {
  if ask gcloud run services describe "$SERVICE" --project="$PROJECT" --region="$REGION" --format='value(status.url)' &&
    [ -n "$ANSWER" ]; then
    URL=$ANSWER
    return 0
  fi
  if [ "$DRY_RUN" = yes ]; then
    URL=https://URL-OF-THE-SERVICE
    note "the service $SERVICE cannot be read; its address, known after deploy/deploy.sh, is written as $URL"
    return 0
  fi
  show_complaint
  if complained_of absent || [ -z "$COMPLAINT" ]; then
    die "there is no service $SERVICE in $PROJECT, $REGION" "deploy it first: deploy/deploy.sh${SHOP:+ --shop=$SHOP}"
  fi
  die "the service $SERVICE cannot be read" "$(advice run.googleapis.com roles/run.viewer)"
}

# All jobs of the place in one reading, one line each, into THERE. No field but the last can hold a |.
FIELDS='name.basename(),state,schedule,timeZone,httpTarget.uri,httpTarget.httpMethod'
FIELDS=$FIELDS,'httpTarget.oidcToken.serviceAccountEmail,httpTarget.oidcToken.audience'
FIELDS=$FIELDS,'attemptDeadline,retryConfig.retryCount,retryConfig.minBackoffDuration,description'
read_jobs() {
  if ask gcloud scheduler jobs list --project="$PROJECT" --location="$REGION" --format="value[separator=\"|\"]($FIELDS)"; then
    THERE=$ANSWER
    return 0
  fi
  if [ "$DRY_RUN" = yes ]; then
    note "the jobs of $PROJECT cannot be read; this is what happens when there are none"
    THERE=
    return 0
  fi
  show_complaint
  die "the Scheduler's jobs in $PROJECT, $REGION cannot be read" \
    "$(advice cloudscheduler.googleapis.com roles/cloudscheduler.admin)"
}

# job_line NAME: its line of THERE, or nothing.
job_line() { printf '%s\n' "$THERE" | awk -F'|' -v name="$1" '$1 == name'; }

# The names of the jobs that are ours.
our_jobs() { printf '%s\n' "$THERE" | awk -F'|' -v ours="$DESCRIPTION" '$12 == ours {print $1}'; }

full_name() {
  local name
  name=$(trim "$1")
  case $name in "$SERVICE"-*) printf %s "$name" ;; *) printf %s "$SERVICE-$name" ;; esac
}

job_failed() {
  die "$1" "$(scheduler_advice)" "then run this again: what is done already is left alone"
}

# The commands that change a job talk to the terminal themselves, so the cause is not read back but offered.
scheduler_advice() {
  say "permission denied: your account needs roles/cloudscheduler.admin, and roles/iam.serviceAccountUser on $SCHEDULER_ACCOUNT; an argument refused: correct SCHEDULE or TIMEZONE in $ENV_FILE"
}

# ---------------------------------------------------------------------------------------------- apply

apply() {
  check_env_file
  read_schedule
  if [ "$DRY_RUN" = yes ]; then note "dry run: the commands that would change something"; fi
  read_url
  check_account
  if [ "$GRANT" = yes ]; then grant; fi
  read_jobs

  local name route cron made=0 changed=0 same=0 gone=0
  # On a descriptor of its own: the commands inside must not eat the list.
  while IFS='|' read -r name route cron <&3; do
    keep "$name" "$route" "$cron"
    case $DONE in
      made) made=$((made + 1)) ;;
      changed) changed=$((changed + 1)) ;;
      same) same=$((same + 1)) ;;
    esac
  done 3<<EOF_JOBS
$(printf %s "$JOBS")
EOF_JOBS

  # A job that is no longer in SCHEDULE would go on exporting at the old time. New ones first, so that no tick is lost.
  while IFS= read -r name <&3; do
    if [ -z "$name" ]; then continue; fi
    if grep -q "^$name|" <<<"$JOBS"; then continue; fi
    note ""
    note "$name: no longer in SCHEDULE, deleted"
    run gcloud scheduler jobs delete "$name" --project="$PROJECT" --location="$REGION" --quiet ||
      job_failed "the job $name could not be deleted"
    gone=$((gone + 1))
  done 3<<EOF_JOBS
$(our_jobs)
EOF_JOBS

  note ""
  note "$made created, $changed updated, $same unchanged, $gone deleted; times are in $TIMEZONE"
  if [ "$DRY_RUN" = no ]; then say "see them: deploy/schedule.sh${SHOP:+ --shop=$SHOP} --list"; fi
}

# Without the account the Scheduler accepts the job and every tick fails.
check_account() {
  if ask gcloud iam service-accounts describe "$SCHEDULER_ACCOUNT" --project="$PROJECT" --format='value(email)'; then return 0; fi
  if complained_of absent; then
    if [ "$DRY_RUN" = yes ]; then
      note "there is no service account $SCHEDULER_ACCOUNT: the real run stops here"
      return 0
    fi
    die "there is no service account $SCHEDULER_ACCOUNT" \
      "make it: gcloud iam service-accounts create ${SCHEDULER_ACCOUNT%%@*} --project=$PROJECT" \
      "or name another one with SCHEDULER_ACCOUNT in deploy/settings"
  fi
}

# The role can be given only once the service is there, so it is given here, on this service alone.
grant() {
  local member=serviceAccount:$SCHEDULER_ACCOUNT
  if ask gcloud run services get-iam-policy "$SERVICE" --project="$PROJECT" --region="$REGION" \
    --flatten='bindings[].members' --filter="bindings.role=roles/run.invoker AND bindings.members=$member" \
    --format='value(bindings.members)' && [ -n "$ANSWER" ]; then
    return 0
  fi
  note ""
  note "the Scheduler's account may call this service"
  run gcloud run services add-iam-policy-binding "$SERVICE" --member="$member" --role=roles/run.invoker \
    --project="$PROJECT" --region="$REGION" --format=none --quiet ||
    die "the Scheduler's account could not be allowed to call the service, and each tick would get 403" \
      "have somebody with roles/run.admin run the command above, once; then run this again" \
      "or, when the account has roles/run.invoker for the whole project: deploy/schedule.sh --no-grant"
}

# keep NAME ROUTE CRON: makes this job what it should be; DONE says what that took.
keep() {
  local name=$1 route=$2 cron=$3 line
  DONE=same
  line=$(job_line "$name")
  if [ -z "$line" ]; then
    DONE=made
    note ""
    note "$name: created"
    run gcloud scheduler jobs create http "$name" \
      --project="$PROJECT" \
      --location="$REGION" \
      --schedule="$cron" \
      --time-zone="$TIMEZONE" \
      --uri="$URL/$route" \
      --http-method=post \
      --oidc-service-account-email="$SCHEDULER_ACCOUNT" \
      --oidc-token-audience="$URL" \
      --attempt-deadline="${ATTEMPT_DEADLINE_S}s" \
      --max-retry-attempts="$RETRIES" \
      --min-backoff="$FIRST_RETRY" \
      --description="$DESCRIPTION" \
      --format=none --quiet ||
      job_failed "the job $name could not be created"
    return 0
  fi

  local state schedule timezone uri method account audience deadline retries backoff description
  IFS='|' read -r _ state schedule timezone uri method account audience deadline retries backoff description <<EOF_LINE
$line
EOF_LINE
  local -a flags=()
  if [ "$schedule" != "$cron" ]; then flags+=(--schedule="$cron"); fi
  if [ "$timezone" != "$TIMEZONE" ]; then flags+=(--time-zone="$TIMEZONE"); fi
  if [ "$uri" != "$URL/$route" ]; then flags+=(--uri="$URL/$route"); fi
  if [ "$method" != POST ]; then flags+=(--http-method=post); fi
  # gcloud takes the audience only together with the account.
  if [ "$account" != "$SCHEDULER_ACCOUNT" ] || [ "$audience" != "$URL" ]; then
    flags+=(--oidc-service-account-email="$SCHEDULER_ACCOUNT" --oidc-token-audience="$URL")
  fi
  if [ "$deadline" != "${ATTEMPT_DEADLINE_S}s" ]; then flags+=(--attempt-deadline="${ATTEMPT_DEADLINE_S}s"); fi
  if [ "$retries" != "$RETRIES" ]; then flags+=(--max-retry-attempts="$RETRIES"); fi
  if [ "$backoff" != "$FIRST_RETRY" ]; then flags+=(--min-backoff="$FIRST_RETRY"); fi
  if [ "$description" != "$DESCRIPTION" ]; then flags+=(--description="$DESCRIPTION"); fi
  if [ "$state" = PAUSED ]; then
    note ""
    note "$name is paused and stays so; deploy/schedule.sh --resume starts it again"
  fi
  if [ "${#flags[@]}" -eq 0 ]; then return 0; fi
  DONE=changed
  note ""
  note "$name: updated"
  run gcloud scheduler jobs update http "$name" --project="$PROJECT" --location="$REGION" "${flags[@]}" \
    --format=none --quiet ||
    job_failed "the job $name could not be updated"
}

# ---------------------------------------------------------------------------------------------- the other modes

# What the Scheduler keeps of the last attempt is a code of its own; the HTTP status that it stands for is in its log.
CODES="1 CANCELLED 2 UNKNOWN 3 INVALID_ARGUMENT 4 DEADLINE_EXCEEDED 5 NOT_FOUND 7 PERMISSION_DENIED 8 RESOURCE_EXHAUSTED \
9 FAILED_PRECONDITION 10 ABORTED 13 INTERNAL 14 UNAVAILABLE 16 UNAUTHENTICATED"

# One line a job, the next one first: when, whether it is on, when it last called and what came of that, when it calls next.
# Then what SCHEDULE asks for and is not there, and what to do about each error.
list() {
  local when fields line name cron zone state last code next rows='' codes='' date
  TIMEZONE=$(read_timezone)
  date='date(format="%F %H:%M",tz='$TIMEZONE')'
  fields="name.basename(),schedule,timeZone,state,lastAttemptTime.$date,status.code,scheduleTime.$date"
  ask gcloud scheduler jobs list --project="$PROJECT" --location="$REGION" --filter="description=\"$DESCRIPTION\"" \
    --format="value[separator=\"|\"]($fields)" ||
    {
      show_complaint
      die "the Scheduler's jobs in $PROJECT, $REGION cannot be read" \
        "$(advice cloudscheduler.googleapis.com roles/cloudscheduler.viewer)"
    }
  THERE=$ANSWER
  while IFS='|' read -r name cron zone state last code next; do
    if [ -z "$name" ]; then continue; fi
    when=$cron
    if [ "$zone" != "$TIMEZONE" ]; then when="$cron ($zone)"; fi
    # Only what failed has a code. A job that is paused keeps the time at which it would be due.
    case $code in '' | 0) code=ok ;; *) code=$(code_name "$code") codes="$codes $code" ;; esac
    if [ -z "$last" ]; then last=- code=-; fi
    if [ "$state" != ENABLED ]; then next=$(printf %s "$state" | tr '[:upper:]' '[:lower:]'); fi
    rows="$rows${next:--}|$name|$when|$last|$code
"
  done <<EOF_JOBS
$THERE
EOF_JOBS
  if [ -z "$rows" ]; then
    say "no jobs yet; deploy/schedule.sh makes them"
    return 0
  fi
  { say "NEXT|JOB|SCHEDULE|LAST|RESULT" && printf %s "$rows" | sort; } | in_columns
  say "times are in $TIMEZONE"
  differences
  for line in $(printf '%s\n' "$codes" | tr ' ' '\n' | sort -u); do code_advice "$line"; done
}

# 7 → PERMISSION_DENIED; what is not in the table stays a number.
code_name() {
  local name
  name=$(printf '%s\n' "$CODES" | tr -s ' ' '\n' | awk -v code="$1" 'found {print; exit} $0 == code {found = 1}')
  printf %s "${name:-$1}"
}

code_advice() {
  case $1 in
    PERMISSION_DENIED | UNAUTHENTICATED) say "$1: the Scheduler's account may not call the service, or calls an old address: deploy/schedule.sh mends both" ;;
    NOT_FOUND) say "$1: there is no service at that address: deploy/schedule.sh takes the new one" ;;
    DEADLINE_EXCEEDED) say "$1: the attempt took longer than $ATTEMPT_DEADLINE_S s" ;;
    *) say "$1: the attempt failed, and retries come by themselves; the day's thread says why, or: gcloud logging read 'resource.labels.service_name=\"$SERVICE\" AND severity>=ERROR' --project=$PROJECT --freshness=1d" ;;
  esac
}

# Where SCHEDULE and the jobs differ by their names. A SCHEDULE that is wrong keeps nobody from looking.
differences() {
  local name
  if [ ! -f "$ENV_FILE" ] || ! (read_schedule) 2>/dev/null; then return 0; fi
  read_schedule
  printf '%s' "$JOBS" | while IFS='|' read -r name _; do
    if [ -z "$(job_line "$name")" ]; then say "$name: in SCHEDULE, and there is no such job; deploy/schedule.sh makes it"; fi
  done
  printf '%s\n' "$THERE" | while IFS='|' read -r name _; do
    if ! grep -q "^$name|" <<<"$JOBS"; then say "$name: no longer in SCHEDULE; deploy/schedule.sh deletes it"; fi
  done
}

# Lines with | between, as a table.
in_columns() {
  awk -F'|' '
    {for (i = 1; i <= NF; i++) {cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i)}}
    END {
      for (row = 1; row <= NR; row++) {
        line = ""
        for (i = 1; i < NF; i++) line = line sprintf("%-" width[i] "s  ", cell[row, i])
        print line cell[row, NF]
      }
    }'
}

must_be_ours() {
  if grep -qxF "$1" <<<"$(our_jobs)"; then return 0; fi
  die "there is no job $1 of this script" "the jobs are: $(our_jobs | tr '\n' ' ')" "if there are none, make them: deploy/schedule.sh"
}

# switch pause|resume|delete [JOB]...: all of ours, or these.
switch() {
  local verb=$1 chosen=$2 name target=PAUSED names
  case $verb in resume) target=ENABLED ;; delete) target=DELETED ;; esac
  read_jobs
  names=$(our_jobs)
  if [ -n "$chosen" ]; then
    names=
    for name in $chosen; do
      name=$(full_name "$name")
      must_be_ours "$name"
      names="$names$name
"
    done
  fi
  if [ -z "$names" ]; then die "there are no jobs to $verb" "make them: deploy/schedule.sh"; fi
  while IFS= read -r name <&3; do
    if [ -z "$name" ]; then continue; fi
    if [ "$(job_line "$name" | cut -d'|' -f2)" = "$target" ]; then
      note "$name: already so"
      continue
    fi
    run gcloud scheduler jobs "$verb" "$name" --project="$PROJECT" --location="$REGION" --quiet ||
      job_failed "the job $name could not be switched"
  done 3<<EOF_NAMES
$names
EOF_NAMES
}

run_now() {
  read_jobs
  must_be_ours "$1"
  run gcloud scheduler jobs run "$1" --project="$PROJECT" --location="$REGION" --quiet ||
    job_failed "the job $1 could not be started"
  note "started; the outcome is in today's thread in Slack, and in: gcloud run services logs read $SERVICE --project=$PROJECT --region=$REGION --limit=20"
}

main "$@"
