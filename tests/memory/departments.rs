//! A shop of a million products as the listing API gives them: 23 departments in windows, each made when it is asked
//! for, with variants and repeats.

use std::time::Duration;

use serde_json::json;

use crate::{
    BUCKET, MIB, MOST_MIB, say,
    service::Service,
    support::{
        Fault, ListingDouble, S3Double, SlackDouble,
        listing::{Order, Shop, Trouble},
    },
};

/// Listed products; with the variants that stand nowhere else they make a million ids.
const PRODUCTS: u64 = 909_000;
/// How late S3 answers to each part, so that what is read has to wait: the shop is made while it is read, and slower
/// than a catalogue from files.
const LATE: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build and some minutes: .ci/peak-memory"]
async fn a_million_products_of_23_departments_stay_under_64_mib() {
    let listing = ListingDouble::start(Shop::sized(PRODUCTS)).await;
    listing.order(Order::always(Trouble::Content(40)));
    let ledger = listing.shop.ledger();
    assert!((990_000..1_010_000).contains(&ledger.ids), "{ledger:?}");
    let (s3, slack) = (S3Double::start().await, SlackDouble::start().await);
    s3.create_bucket(BUCKET);
    s3.fail_next("UploadPart", 10_000, Fault::Slow(LATE));
    let settings = [("CATALOG_PRESET", "ikea:kr/ko"), ("CATALOG_ITEMS", ""), ("DEADLINE", "3000s")];
    let service = Service::with(&listing.url(""), &s3, BUCKET, &slack, &settings).await;
    for export in ["first", "second, compared with it"] {
        let (answer, seconds) = service.export().await;
        assert_eq!(answer["status"], json!("ok"), "{answer:#}");
        let funnel = &answer["report"]["funnel"];
        assert_eq!((&funnel["kept"], &funnel["broken"]), (&json!(ledger.kept), &json!({})), "{funnel}");
        assert_eq!(funnel["duplicates"], json!(ledger.repeats()), "{funnel}");
        let peak = service.peak_bytes() / MIB;
        say(&format!("{} ids in 23 departments, {export}: {seconds:.1} s, peak {peak:.1} MiB", ledger.ids));
        assert!(peak < MOST_MIB, "{MOST_MIB} MiB were not enough: {peak:.1} MiB");
    }
}
