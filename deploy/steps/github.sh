# shellcheck shell=bash disable=SC2034,SC2154
# The steps for deploying from GitHub without a key: GitHub says which repository and branch a run is of, and Google takes
# that in place of one. deploy/github-deploy.yaml is the workflow.

# Whose runs may deploy: the main branch of this repository.
github_pool() { say "projects/$PROJECT_NUMBER/locations/global/workloadIdentityPools/$SERVICE-github"; }
github_member() { say "principalSet://iam.googleapis.com/$(github_pool)/attribute.repository/$GITHUB"; }
github_condition() { say "assertion.repository == '$GITHUB' && assertion.ref == 'refs/heads/main'"; }

# What was deleted is kept for thirty days, and its name with it: then it is brought back.
pool_state() {
  POOL_STATE=
  see iam.googleapis.com roles/iam.workloadIdentityPoolAdmin iam workload-identity-pools "$@" --location=global \
    --project="$PROJECT" --format='value[separator="|"](state,attributeCondition)' || return 1
  POOL_STATE=${ANSWER%%|*} CONDITION=${ANSWER#*|}
}

what_pool() { say "a workload identity pool for GitHub's runs"; }
there_pool() { pool_state describe "$SERVICE-github" && [ "$POOL_STATE" = ACTIVE ]; }
make_pool() {
  local verb=create
  if [ "${POOL_STATE:-}" = DELETED ]; then verb=undelete; fi
  make gcloud iam workload-identity-pools $verb "$SERVICE-github" --location=global --project="$PROJECT"
}
remove_pool() { make gcloud iam workload-identity-pools delete "$SERVICE-github" --location=global --project="$PROJECT" --quiet; }

what_provider() { say "GitHub as its provider, for the main branch of $GITHUB alone"; }
there_provider() {
  pool_state providers describe github --workload-identity-pool="$SERVICE-github" && [ "$POOL_STATE" = ACTIVE ] &&
    [ "$CONDITION" = "$(github_condition)" ]
}
make_provider() {
  local -a which=(github --workload-identity-pool="$SERVICE-github" --location=global --project="$PROJECT")
  case ${POOL_STATE:-} in
    '') make gcloud iam workload-identity-pools providers create-oidc "${which[@]}" \
      --issuer-uri=https://token.actions.githubusercontent.com \
      --attribute-mapping=google.subject=assertion.sub,attribute.repository=assertion.repository \
      --attribute-condition="$(github_condition)" ;;
    *)
      if [ "$POOL_STATE" = DELETED ]; then make gcloud iam workload-identity-pools providers undelete "${which[@]}"; fi
      make gcloud iam workload-identity-pools providers update-oidc "${which[@]}" --attribute-condition="$(github_condition)"
      ;;
  esac
}
remove_provider() {
  make gcloud iam workload-identity-pools providers delete github --workload-identity-pool="$SERVICE-github" \
    --location=global --project="$PROJECT" --quiet
}

what_deploy_account() { say "$DEPLOYER: who deploys from there"; }
there_deploy_account() { account "$DEPLOYER"; }
make_deploy_account() { make_account "$DEPLOYER" "$SERVICE: deployments from GitHub"; }
remove_deploy_account() {
  local role
  for role in $DEPLOY_ROLES; do remove_project_role "$DEPLOYER" "$role"; done
  remove_account "$DEPLOYER"
}

# on_account ACCOUNT ROLE MEMBER
there_on_account() { binding "$2" "$3" iam service-accounts get-iam-policy "$1" --project="$PROJECT"; }
make_on_account() {
  make gcloud iam service-accounts add-iam-policy-binding "$1" --role="$2" --member="$3" --project="$PROJECT" --format=none
}

what_deploy_login() { say "those runs may be it, and it may make identity tokens of its own for the check at the end"; }
there_deploy_login() {
  there_on_account "$DEPLOYER" roles/iam.workloadIdentityUser "$(github_member)" &&
    there_on_account "$DEPLOYER" roles/iam.serviceAccountTokenCreator "serviceAccount:$DEPLOYER"
}
make_deploy_login() {
  make_on_account "$DEPLOYER" roles/iam.workloadIdentityUser "$(github_member)"
  make_on_account "$DEPLOYER" roles/iam.serviceAccountTokenCreator "serviceAccount:$DEPLOYER"
}

what_deploy_acts() { say "it may run the service as $SERVICE_ACCOUNT, and build as ${BUILD_ACCOUNT:-whoever builds by default}"; }
there_deploy_acts() {
  local account
  for account in "$SERVICE_ACCOUNT" $BUILD_ACCOUNT; do
    there_on_account "$account" roles/iam.serviceAccountUser "serviceAccount:$DEPLOYER" || return 1
  done
}
make_deploy_acts() {
  local account
  for account in "$SERVICE_ACCOUNT" $BUILD_ACCOUNT; do
    if there_on_account "$account" roles/iam.serviceAccountUser "serviceAccount:$DEPLOYER"; then continue; fi
    make_on_account "$account" roles/iam.serviceAccountUser "serviceAccount:$DEPLOYER"
  done
}

DEPLOY_ROLES="roles/run.sourceDeveloper roles/serviceusage.serviceUsageConsumer roles/run.invoker roles/browser"
what_deploy_roles() { say "it may build, deploy and call the services of $PROJECT"; }
there_deploy_roles() {
  local role
  for role in $DEPLOY_ROLES; do project_role "$DEPLOYER" "$role" || return 1; done
}
make_deploy_roles() {
  local role
  for role in $DEPLOY_ROLES; do
    if ! project_role "$DEPLOYER" "$role"; then make_project_role "$DEPLOYER" "$role"; fi
  done
}
