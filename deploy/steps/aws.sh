# shellcheck shell=bash disable=SC2034,SC2154
# The steps in AWS: the feed's bucket, CloudFront before it, the service's role. See steps.sh for how they are made.

# AWS's own policy "CachingOptimized": the file's Cache-Control counts (max-age=0, must-revalidate), nothing of a request but
# its path does, and a copy is handed out for a second at most before S3 is asked whether it is still the same.
CACHE_POLICY=658327ea-f89d-4fab-a63d-7e88639e58f6

# see_aws PERMISSION WORDS...: looks with the AWS CLI; "None" is how it writes that there is nothing.
see_aws() {
  ADVICE=$(advice_for_aws "$1")
  shift
  look "$ADVICE" aws "$@" && [ -n "$ANSWER" ] && [ "$ANSWER" != None ]
}

what_feed_bucket() { say "s3://$FEED_BUCKET: the feed, in $AWS_REGION"; }
there_feed_bucket() {
  local -a head=(aws s3api head-bucket --bucket="$FEED_BUCKET" --region="$AWS_REGION")
  ADVICE=$(advice_for_aws s3:ListBucket)
  if ask "${head[@]}"; then return 0; fi
  case $COMPLAINT in
    *"(403)"*)
      show_complaint
      die "s3://$FEED_BUCKET is somebody else's, or closed to your AWS user" "name another one in $ENV_FILE: FEED_STORE_URL: \"s3://a-name-of-your-own/ep\""
      ;;
    *"(301)"*) die "s3://$FEED_BUCKET lies in another region than $AWS_REGION" "set AWS_REGION in $ENV_FILE to the bucket's" ;;
  esac
  absent_or_die "$ADVICE" "${head[@]}"
}
make_feed_bucket() {
  local -a place=(--create-bucket-configuration="LocationConstraint=$AWS_REGION")
  # The oldest region must not be named.
  if [ "$AWS_REGION" = us-east-1 ]; then place=(); fi
  make aws s3api create-bucket --bucket="$FEED_BUCKET" --region="$AWS_REGION" ${place[@]+"${place[@]}"}
}
# All that is in it: without its versions and marks no bucket goes.
remove_feed_bucket() {
  local batch
  # shellcheck disable=SC2016  # JMESPath's own quotes
  batch='{Quiet: `true`, Objects: [Versions || `[]`, DeleteMarkers || `[]`][].{Key: Key, VersionId: VersionId}}'
  while see_aws s3:ListBucketVersions s3api list-object-versions --bucket="$FEED_BUCKET" --region="$AWS_REGION" \
    --max-items=500 --query="$batch" --output=json && grep -q '"Key"' <<<"$ANSWER"; do
    put_file objects.json "$ANSWER"
    make aws s3api delete-objects --bucket="$FEED_BUCKET" --region="$AWS_REGION" --delete="file://$FILE"
    if [ "$DRY_RUN" = yes ]; then break; fi
  done
  make aws s3api delete-bucket --bucket="$FEED_BUCKET" --region="$AWS_REGION"
}

what_feed_private() { say "closed to the public"; }
there_feed_private() {
  see_aws s3:GetBucketPublicAccessBlock s3api get-public-access-block --bucket="$FEED_BUCKET" --region="$AWS_REGION" \
    --query='PublicAccessBlockConfiguration.[BlockPublicAcls,IgnorePublicAcls,BlockPublicPolicy,RestrictPublicBuckets]' \
    --output=text && [ "$(tr '\t' ' ' <<<"$ANSWER")" = "True True True True" ]
}
make_feed_private() {
  make aws s3api put-public-access-block --bucket="$FEED_BUCKET" --region="$AWS_REGION" \
    --public-access-block-configuration=BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
}

what_feed_versions() { say "its versions kept"; }
there_feed_versions() {
  see_aws s3:GetBucketVersioning s3api get-bucket-versioning --bucket="$FEED_BUCKET" --region="$AWS_REGION" \
    --query=Status --output=text && [ "$ANSWER" = Enabled ]
}
make_feed_versions() {
  make aws s3api put-bucket-versioning --bucket="$FEED_BUCKET" --region="$AWS_REGION" --versioning-configuration=Status=Enabled
}

what_feed_rules() { say "builds and old versions age out after $KEEP_DAYS days, uploads that broke off after one"; }
# Rules that somebody else made are as good as ours: they may be about other things in that bucket.
there_feed_rules() {
  see_aws s3:GetLifecycleConfiguration s3api get-bucket-lifecycle-configuration --bucket="$FEED_BUCKET" \
    --region="$AWS_REGION" --query='Rules[].ID' --output=text
}
make_feed_rules() {
  local builds old
  builds='{"ID":"builds","Status":"Enabled","Filter":{"Prefix":"'"${FEED_PREFIX}"'builds/"},"Expiration":{"Days":'"$KEEP_DAYS"'}}'
  old='{"ID":"old","Status":"Enabled","Filter":{"Prefix":"'"${FEED_PREFIX}"'"},"NoncurrentVersionExpiration":{"NoncurrentDays":'"$KEEP_DAYS"'},"Expiration":{"ExpiredObjectDeleteMarker":true},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}}'
  make aws s3api put-bucket-lifecycle-configuration --bucket="$FEED_BUCKET" --region="$AWS_REGION" \
    --lifecycle-configuration='{"Rules":['"$builds,$old"']}'
}

what_access_control() { say "an origin access control: how CloudFront shows S3 who it is"; }
there_access_control() {
  see_aws cloudfront:ListOriginAccessControls cloudfront list-origin-access-controls \
    --query="OriginAccessControlList.Items[?Name=='$SERVICE'].Id" --output=text && CONTROL_ID=$ANSWER
}
make_access_control() {
  make aws cloudfront create-origin-access-control \
    --origin-access-control-config="Name=$SERVICE,SigningProtocol=sigv4,SigningBehavior=always,OriginAccessControlOriginType=s3"
}
remove_access_control() {
  see_aws cloudfront:GetOriginAccessControl cloudfront get-origin-access-control --id="$CONTROL_ID" --query=ETag --output=text || return 0
  make aws cloudfront delete-origin-access-control --id="$CONTROL_ID" --if-match="$ANSWER"
}

what_distribution() { say "a CloudFront distribution before it: the address that Naver reads"; }
# It has no name; its comment is one. DISTRIBUTION_IS: missing, False (a teardown switched it off and went no further) or True.
there_distribution() {
  DISTRIBUTION_IS=missing
  see_aws cloudfront:ListDistributions cloudfront list-distributions \
    --query="DistributionList.Items[?Comment=='$SERVICE'].[Id,DomainName,Enabled]" --output=text || return 1
  read -r DISTRIBUTION_ID DISTRIBUTION_DOMAIN DISTRIBUTION_IS <<<"$ANSWER"
  [ "$DISTRIBUTION_IS" != False ]
}
# No compression: what readers get is, byte for byte, what was stored. The reference makes a second one impossible.
make_distribution() {
  local origin behaviour
  if [ "$DISTRIBUTION_IS" = False ]; then
    switch_distribution false true
    return 0
  fi
  origin='{"Id":"feed","DomainName":"'"$FEED_BUCKET.s3.$AWS_REGION"'.amazonaws.com","OriginAccessControlId":"'"$CONTROL_ID"'","S3OriginConfig":{"OriginAccessIdentity":""}}'
  behaviour='{"TargetOriginId":"feed","ViewerProtocolPolicy":"redirect-to-https","CachePolicyId":"'"$CACHE_POLICY"'","Compress":false}'
  make aws cloudfront create-distribution --distribution-config='{"CallerReference":"'"$SERVICE-$CONTROL_ID"'","Comment":"'"$SERVICE"'","Enabled":true,"PriceClass":"PriceClass_200","HttpVersion":"http2and3","IsIPV6Enabled":true,"Origins":{"Quantity":1,"Items":['"$origin"']},"DefaultCacheBehavior":'"$behaviour"'}'
}
# switch_distribution FROM TO: on or off, where it is not so already.
switch_distribution() {
  local tag
  see_aws cloudfront:GetDistributionConfig cloudfront get-distribution-config --id="$DISTRIBUTION_ID" --query=ETag --output=text || return 1
  tag=$ANSWER
  see_aws cloudfront:GetDistributionConfig cloudfront get-distribution-config --id="$DISTRIBUTION_ID" --query=DistributionConfig --output=json
  if grep -q "^    \"Enabled\": $1" <<<"$ANSWER"; then
    # shellcheck disable=SC2001
    put_file distribution.json "$(sed "s/^    \"Enabled\": $1/    \"Enabled\": $2/" <<<"$ANSWER")"
    make aws cloudfront update-distribution --id="$DISTRIBUTION_ID" --if-match="$tag" --distribution-config="file://$FILE" --query=ETag --output=text
  fi
}
# Only one that is switched off, and off everywhere, goes.
remove_distribution() {
  switch_distribution true false || return 0
  note "switching it off everywhere takes some minutes"
  make aws cloudfront wait distribution-deployed --id="$DISTRIBUTION_ID"
  see_aws cloudfront:GetDistributionConfig cloudfront get-distribution-config --id="$DISTRIBUTION_ID" --query=ETag --output=text
  make aws cloudfront delete-distribution --id="$DISTRIBUTION_ID" --if-match="$ANSWER"
}

# Readers get the public file and nothing else: neither builds nor what was left out of them.
what_feed_reader() { say "CloudFront may read $FEED_PREFIX$FEED_KEY, and nobody anything else"; }
there_feed_reader() {
  see_aws s3:GetBucketPolicy s3api get-bucket-policy --bucket="$FEED_BUCKET" --region="$AWS_REGION" --query=Policy --output=text || return 1
  if grep -qF ":distribution/$DISTRIBUTION_ID\"" <<<"$ANSWER" && grep -qF "/$FEED_PREFIX$FEED_KEY\"" <<<"$ANSWER"; then return 0; fi
  die "s3://$FEED_BUCKET has a policy of its own that does not let $DISTRIBUTION_ID read $FEED_PREFIX$FEED_KEY" \
    "add this statement to it: $(reader_statement)"
}
reader_statement() {
  say '{"Sid":"CloudFront","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::'"$FEED_BUCKET/$FEED_PREFIX$FEED_KEY"'","Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::'"$AWS_ACCOUNT:distribution/$DISTRIBUTION_ID"'"}}}'
}
make_feed_reader() {
  make aws s3api put-bucket-policy --bucket="$FEED_BUCKET" --region="$AWS_REGION" \
    --policy='{"Version":"2012-10-17","Statement":['"$(reader_statement)"']}'
}

# accounts.google.com is built into AWS: a provider made for it would break this. What AWS calls aud is the token's azp, the
# account's numeric id; oaud is the audience asked for, which the service makes the role's own name.
trust() {
  say '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"accounts.google.com:aud":"'"$RUN_ID"'","accounts.google.com:sub":"'"$RUN_ID"'","accounts.google.com:oaud":"'"$ROLE_ARN"'"}}}]}'
}
what_role() { say "the role $ROLE_NAME, which $SERVICE_ACCOUNT alone may take: no key"; }
# ROLE_IS: missing, old (it trusts another account, such as one that was deleted) or right.
there_role() {
  local part
  ROLE_IS=missing
  see_aws iam:GetRole iam get-role --role-name="$ROLE_NAME" --query=Role.AssumeRolePolicyDocument --output=json || return 1
  ROLE_IS=old
  for part in "aud\":\"$RUN_ID\"" "sub\":\"$RUN_ID\"" "oaud\":\"$ROLE_ARN\""; do
    grep -qF "\"accounts.google.com:$part" <<<"$(compact <<<"$ANSWER")" || return 1
  done
  ROLE_IS=right
}
make_role() {
  if [ "$ROLE_IS" = old ]; then
    make aws iam update-assume-role-policy --role-name="$ROLE_NAME" --policy-document="$(trust)"
  else
    make aws iam create-role --role-name="$ROLE_NAME" --description="The service $SERVICE, as $SERVICE_ACCOUNT" --assume-role-policy-document="$(trust)"
  fi
}
remove_role() {
  if see_aws iam:GetRolePolicy iam get-role-policy --role-name="$ROLE_NAME" --policy-name=feed --query=PolicyName --output=text; then
    make aws iam delete-role-policy --role-name="$ROLE_NAME" --policy-name=feed
  fi
  make aws iam delete-role --role-name="$ROLE_NAME"
}

rights() {
  local cloudfront=
  if [ -n "$DISTRIBUTION_ID" ]; then
    cloudfront=',{"Effect":"Allow","Action":["cloudfront:CreateInvalidation","cloudfront:GetInvalidation"],"Resource":"arn:aws:cloudfront::'"$AWS_ACCOUNT:distribution/$DISTRIBUTION_ID"'"}'
  fi
  say '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject","s3:AbortMultipartUpload"],"Resource":"arn:aws:s3:::'"$FEED_BUCKET/$FEED_PREFIX"'*"},{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::'"$FEED_BUCKET"'"}'"$cloudfront"']}'
}
what_role_rights() { say "it may write the feed and tell CloudFront of it"; }
there_role_rights() {
  see_aws iam:GetRolePolicy iam get-role-policy --role-name="$ROLE_NAME" --policy-name=feed --query=PolicyDocument --output=json &&
    [ "$(compact <<<"$ANSWER")" = "$(rights)" ]
}
make_role_rights() { make aws iam put-role-policy --role-name="$ROLE_NAME" --policy-name=feed --policy-document="$(rights)"; }
