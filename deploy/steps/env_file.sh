# shellcheck shell=bash disable=SC2034,SC2154
# The last step: what was learnt stands in the shop's own settings. What somebody wrote there is never replaced.

# What setup knows, one NAME=value a line.
learnt() {
  printf '%s\n' "STATE_URL=$STATE_URL" "FEED_STORE_URL=$FEED_STORE_URL" "FEED_KEY=$FEED_KEY" \
    "FEED_URL=${FEED_URL:-https://$DISTRIBUTION_DOMAIN/$FEED_PREFIX$FEED_KEY}" \
    "CLOUDFRONT_DISTRIBUTION_ID=${DISTRIBUTION_ID:-ID-OF-DISTRIBUTION}" "AWS_REGION=$AWS_REGION"
  if [ "$KEYLESS" = yes ]; then printf '%s\n' "AWS_ROLE_ARN=$ROLE_ARN"; fi
  printf '%s\n' "SLACK_CHANNEL=$CHANNEL" "SERVICE_NAME=$SHOP EP"
}

# What only the shop can say; ../env.yaml explains these and all others.
OF_THE_SHOP="CATALOG_PRESET CATALOG_URL EP_SHIPPING EP_MAX_ROWS"

what_env_file() { say "$ENV_FILE: what setup knows of all this; yours to fill in: $OF_THE_SHOP"; }
there_env_file() {
  local line
  [ -f "$ENV_FILE" ] || return 1
  while IFS= read -r line; do
    [ -n "$(env_value "${line%%=*}")" ] || return 1
  done <<EOF_LEARNT
$(learnt)
EOF_LEARNT
}
make_env_file() {
  local line name text
  if [ -f "$ENV_FILE" ]; then
    text=$(cat "$ENV_FILE")
  else
    text=$(printf '# The settings of %s. env.yaml in the top folder explains each, and those that are not here.\n' "$SHOP" &&
      for name in $OF_THE_SHOP; do printf '%s: ""\n' "$name"; done)
  fi
  while IFS= read -r line; do
    name=${line%%=*}
    if [ -n "$(env_value "$name")" ]; then continue; fi
    say "$name: \"${line#*=}\""
    text=$(grep -v "^$name: " <<<"$text" || true)
    text="$text
$name: \"${line#*=}\""
  done <<EOF_LEARNT
$(learnt)
EOF_LEARNT
  if [ "$DRY_RUN" = no ]; then write_env_file "$text"; fi
}

# Whole or not at all, whenever it is interrupted.
write_env_file() {
  mkdir -p "$(dirname "$ENV_FILE")"
  printf '%s\n' "$1" >"$ENV_FILE.new"
  mv "$ENV_FILE.new" "$ENV_FILE"
}

# What no longer is must not stand there for the next setup.
forget_in_env_file() {
  local name text
  [ -f "$ENV_FILE" ] || return 0
  text=$(cat "$ENV_FILE")
  # shellcheck disable=SC2001
  for name in "$@"; do text=$(sed "s/^$name: .*/$name: \"\"/" <<<"$text"); done
  write_env_file "$text"
}
