use super::*;
use crate::config::env::{ConfigError, among};

fn state(vars: &[(&str, &str)], embedded: bool) -> Result<StateConfig, ConfigError> {
    let lookup = among(vars);
    let mut env = Env::new(&lookup);
    let config = StateConfig::from_env(&mut env, embedded);
    env.finish(config)
}

fn feed(vars: &[(&str, &str)], embedded: bool) -> Result<FeedConfig, ConfigError> {
    let lookup = among(vars);
    let mut env = Env::new(&lookup);
    let google = GoogleConfig::from_env(&mut env);
    let config = FeedConfig::from_env(&mut env, embedded, &google);
    env.finish(config)
}

fn variables(error: ConfigError) -> Vec<&'static str> {
    error.0.into_iter().map(|p| p.variable).collect()
}

const S3: &[(&str, &str)] = &[
    ("FEED_STORE_URL", "s3://feeds/ep/"),
    ("FEED_KEY", "ep.tsv"),
    ("FEED_URL", "https://ep.example.com/ep.tsv"),
    ("AWS_REGION", "ap-northeast-2"),
];

fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    more.iter().chain(base).copied().collect()
}

#[test]
fn nothing_set_means_folders_on_a_laptop_and_a_full_list_elsewhere() {
    assert_eq!(state(&[], true).unwrap(), StateConfig::Folder("./.auto-ep/state".into()));
    let config = feed(&[], true).unwrap();
    assert!(matches!(config.store, FeedStoreConfig::Folder(p) if p.as_os_str() == "./.auto-ep/feed"));
    assert_eq!((config.key.as_str(), config.url), ("ep.tsv", None));

    assert_eq!(variables(state(&[], false).unwrap_err()), ["STATE_URL"]);
    assert_eq!(variables(feed(&[], false).unwrap_err()), ["FEED_STORE_URL", "FEED_KEY", "FEED_URL"]);
}

#[test]
fn state_urls_are_buckets_or_folders() {
    let gcs = |bucket: &str, prefix: &str| StateConfig::Gcs {
        bucket: bucket.into(),
        prefix: prefix.into(),
        endpoint: None,
    };
    for (text, expected) in [
        ("gs://ikea-thread-tracker", gcs("ikea-thread-tracker", "")),
        ("gs://ikea-thread-tracker/", gcs("ikea-thread-tracker", "")),
        ("gs://bucket/a/b/", gcs("bucket", "a/b")),
        ("file:./.auto-ep/state", StateConfig::Folder("./.auto-ep/state".into())),
        ("file:state", StateConfig::Folder("state".into())),
        ("file:/var/state", StateConfig::Folder("/var/state".into())),
        ("file:///var/my%20state", StateConfig::Folder("/var/my state".into())),
    ] {
        assert_eq!(state(&[("STATE_URL", text)], false).unwrap(), expected, "{text}");
    }
    for text in
        ["gs://", "gs://AB", "gs://b/../c", "s3://bucket", "file:", "file://host/x", "bucket", "gs://b b/"]
    {
        let error = state(&[("STATE_URL", text)], true).unwrap_err();
        assert_eq!(error.0.len(), 1, "{text}");
        let message = &error.0[0].message;
        assert!(message.contains(&format!("{text:?}")) && message.contains("expected"), "{message}");
    }
}

#[test]
fn a_whole_bucket_is_accepted() {
    let vars = with(
        S3,
        &[
            ("CLOUDFRONT_DISTRIBUTION_ID", "E2EXAMPLE"),
            ("AWS_ACCESS_KEY_ID", "example-access-key"),
            ("AWS_SECRET_ACCESS_KEY", "very-secret"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:5000"),
        ],
    );
    let config = feed(&vars, false).unwrap();
    let FeedStoreConfig::S3(s3) = &config.store else { panic!("{config:?}") };
    assert_eq!(
        (s3.bucket.as_str(), s3.prefix.as_str(), s3.region.as_str()),
        ("feeds", "ep", "ap-northeast-2")
    );
    assert!(matches!(&s3.access, AwsAccess::Keys(keys) if keys.access == "example-access-key"));
    assert!(!format!("{config:?}").contains("very-secret"), "a secret is never printed");
    assert!(
        matches!(feed(S3, true).unwrap().store, FeedStoreConfig::S3(s3) if matches!(s3.access, AwsAccess::Found))
    );
}

#[test]
fn a_role_takes_the_place_of_keys_and_its_metadata_server_can_be_another() {
    let arn = "arn:aws:iam::123456789012:role/feeds/auto-ep";
    let access = |more: &[(&'static str, &'static str)]| match feed(&with(S3, more), false).unwrap().store {
        FeedStoreConfig::S3(s3) => s3.access,
        FeedStoreConfig::Folder(_) => panic!("a folder"),
    };
    for (more, server) in [
        (&[("AWS_ROLE_ARN", arn)][..], "http://metadata.google.internal/"),
        (&[("AWS_ROLE_ARN", arn), ("GCE_METADATA_HOST", "127.0.0.1:8080")], "http://127.0.0.1:8080/"),
    ] {
        let expected = AwsRole { arn: arn.to_owned(), metadata_server: server.parse().unwrap() };
        assert!(matches!(access(more), AwsAccess::Role(role) if *role == expected), "{server}");
    }
    let key = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let both: Vec<_> = key.into_iter().chain([("AWS_ROLE_ARN", arn)]).collect();
    for (more, variable) in [
        (&both[..], "AWS_ROLE_ARN"),
        (&[("AWS_ROLE_ARN", "arn:aws:iam::12345:role/x")], "AWS_ROLE_ARN"),
        (&[("AWS_ROLE_ARN", "arn:aws:iam::123456789012:user/x")], "AWS_ROLE_ARN"),
        (&[("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/")], "AWS_ROLE_ARN"),
    ] {
        assert_eq!(variables(feed(&with(S3, more), true).unwrap_err()), [variable], "{more:?}");
    }
}

#[test]
fn half_a_service_is_a_problem_even_on_a_laptop() {
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        (&[("FEED_STORE_URL", "s3://feeds")], &["AWS_REGION", "FEED_URL"]),
        (&with(S3, &[("AWS_ACCESS_KEY_ID", "example-access-key")]), &["AWS_SECRET_ACCESS_KEY"]),
        (&with(S3, &[("AWS_SECRET_ACCESS_KEY", "x")]), &["AWS_ACCESS_KEY_ID"]),
        (&[("CLOUDFRONT_DISTRIBUTION_ID", "E2EXAMPLE")], &["CLOUDFRONT_DISTRIBUTION_ID"]),
        (&with(S3, &[("FEED_URL", "ftp://x/y")]), &["FEED_URL"]),
        (&with(S3, &[("FEED_URL", "https://u:p@x/y")]), &["FEED_URL"]),
        (&with(S3, &[("AWS_REGION", "Seoul")]), &["AWS_REGION"]),
        (&with(S3, &[("FEED_KEY", "../x.tsv")]), &["FEED_KEY"]),
        (&with(S3, &[("FEED_KEY", ".x")]), &["FEED_KEY"]),
        (&with(S3, &[("CLOUDFRONT_DISTRIBUTION_ID", "e-1")]), &["CLOUDFRONT_DISTRIBUTION_ID"]),
    ];
    for (vars, expected) in cases {
        assert_eq!(variables(feed(vars, true).unwrap_err()), *expected, "{vars:?}");
    }
}

#[test]
fn keys_lying_about_on_a_laptop_do_not_bother_a_folder() {
    assert!(
        feed(&[("AWS_ACCESS_KEY_ID", "example-access-key"), ("AWS_ENDPOINT_URL", "http://x")], true).is_ok()
    );
}
