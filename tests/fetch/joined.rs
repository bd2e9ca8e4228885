//! Parts of a product that a window only names, asked for by their ids.

use crate::source::{Server, mapped, ok, read, status};

const WINDOWS: &str = r#"{"items": "/p", "next": "/next", "join": {"at": "/variants/*", "each": "/v/*", "id": "/id",
    "call": {"url": "variants?ids={ids}&n={size}"}, "size": 3}}"#;

/// The ids that a call asks for.
fn asked(query: &str) -> Option<Vec<u64>> {
    let ids = query.strip_prefix("ids=")?.split('&').next()?.to_owned();
    Some(ids.split("%2C").map(|id| id.parse().unwrap()).collect())
}

fn named(ids: &[u64]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| format!("{{\"id\": {id}}}")).collect();
    format!("[{}]", ids.join(", "))
}

#[tokio::test]
async fn what_is_named_by_its_id_is_asked_for_and_stands_in_its_place() {
    let products =
        [(1, vec![]), (2, vec![20, 21]), (3, vec![30, 31, 32, 33, 34]), (4, vec![40]), (5, vec![50])];
    let list: Vec<_> =
        products.iter().map(|(id, ids)| format!("{{\"id\":{id},\"variants\":{}}}", named(ids))).collect();
    let list = format!("{{\"p\":[{}, 7, \"x\", {{\"variants\":{{\"id\":9}}}}]}}", list.join(","));
    let server = Server::start(move |_, q| match asked(q) {
        None => ok(list.clone()),
        Some(ids) => {
            // In another order, and one of them is not there.
            let found = ids.iter().rev().filter(|id| **id != 31);
            let found: Vec<_> = found.map(|id| format!("{{\"id\":\"{id}\",\"price\":{id}00}}")).collect();
            ok(format!("{{\"v\":[{}]}}", found.join(",")))
        }
    })
    .await;
    let (items, summary) = read(&mapped(&server, WINDOWS)).await.unwrap();
    let whole = |id: u64| format!("{{\"id\":\"{id}\",\"price\":{id}00}}");
    let product = |id: u64, ids: &[u64]| {
        let all = ids.iter().map(|id| if *id == 31 { "{\"id\": 31}".to_owned() } else { whole(*id) });
        format!("{{\"id\":{id},\"variants\":[{}]}}", all.collect::<Vec<_>>().join(", "))
    };
    let mut expected: Vec<_> = products.iter().map(|(id, ids)| product(*id, ids)).collect();
    expected.extend(["7".to_owned(), "\"x\"".to_owned(), "{\"variants\":{\"id\":9}}".to_owned()]);
    assert_eq!(items, expected);
    assert_eq!((summary.items, summary.source.gave), (8, 8));
    let calls =
        ["ids=20%2C21&n=2", "ids=30%2C31%2C32&n=3", "ids=33%2C34&n=2", "ids=31&n=1", "ids=40%2C50&n=2"];
    assert_eq!(
        server.queries()[1..],
        calls,
        "as many at once as may be, what is missing once more, and nothing for what names nothing"
    );
}

#[tokio::test]
async fn a_call_for_them_that_fails_fails_the_catalogue_with_its_own_url() {
    let page = format!("{{\"p\":[{{\"id\":1,\"variants\":{}}}]}}", named(&[10]));
    let server = Server::start(move |_, q| match asked(q) {
        None => ok(page.clone()),
        Some(_) => status(403, "no"),
    })
    .await;
    let error = read(&mapped(&server, WINDOWS)).await.unwrap_err().to_string();
    assert!(error.contains("ids=10") && error.contains("expected status 200, found 403"), "{error}");

    // What hiccups is asked again.
    let page = format!("{{\"p\":[{{\"id\":1,\"variants\":{}}}]}}", named(&[10]));
    let server = Server::start(move |n, q| match asked(q) {
        None => ok(page.clone()),
        Some(_) if n == 1 => status(502, "later"),
        Some(_) => ok("{\"v\":[{\"id\":10,\"price\":5}]}"),
    })
    .await;
    let (items, _) = read(&mapped(&server, WINDOWS)).await.unwrap();
    assert_eq!(items, ["{\"id\":1,\"variants\":[{\"id\":10,\"price\":5}]}"]);
}

#[tokio::test]
async fn many_of_them_come_in_batches_of_the_usual_size() {
    let page: Vec<_> = (0..200_u64)
        .map(|n| {
            let ids: Vec<_> = (0..30).map(|at| 1000 + n * 100 + at).collect();
            format!("{{\"id\":{n},\"variants\":{}}}", named(&ids))
        })
        .collect();
    let page = format!("{{\"p\":[{}]}}", page.join(","));
    let server = Server::start(move |_, q| match asked(q) {
        None => ok(page.clone()),
        Some(ids) => {
            let text = "x".repeat(1500);
            let found: Vec<_> = ids.iter().map(|id| format!("{{\"id\":{id},\"t\":\"{text}\"}}")).collect();
            ok(format!("{{\"v\":[{}]}}", found.join(",")))
        }
    })
    .await;
    let (items, _) = read(&mapped(&server, &WINDOWS.replace("\"size\": 3", "\"size\": 100"))).await.unwrap();
    assert_eq!(items.len(), 200);
    assert!(items.iter().all(|item| item.matches("xxx").count() > 30 && item.len() > 45_000));
    assert_eq!(server.requests(), 1 + 200_usize.div_ceil(3), "three products of thirty a call");
}

#[tokio::test]
async fn a_server_that_gives_fewer_than_it_is_asked_for_is_asked_again_until_it_gives_no_more() {
    let page = format!("{{\"p\":[{{\"id\":1,\"variants\":{}}}]}}", named(&(10..20).collect::<Vec<_>>()));
    let server = Server::start(move |_, q| match asked(q) {
        None => ok(page.clone()),
        Some(ids) => {
            // Three at most, among things that nobody asked for; 19 is never there.
            let found: Vec<_> = ids.iter().filter(|id| **id != 19).take(3).collect();
            let found: Vec<_> = found.iter().map(|id| format!("{{\"id\":{id},\"price\":1}}")).collect();
            ok(format!("{{\"v\":[null,{{\"id\":999}},7,{{\"id\":998}},[],{}]}}", found.join(",")))
        }
    })
    .await;
    let windows = WINDOWS.replace("\"size\": 3", "\"size\": 100");
    let (items, _) = read(&mapped(&server, &windows)).await.unwrap();
    assert_eq!(items[0].matches("price").count(), 9, "{}", items[0]);
    assert!(items[0].contains("{\"id\": 19}") && !items[0].contains("999"), "{}", items[0]);
    assert_eq!(server.requests(), 1 + 4, "ten, seven, four, one, which is not there");
}

#[tokio::test]
async fn what_is_named_by_its_id_alone_is_asked_for_and_counted_where_it_is_not_there() {
    let server = Server::start(move |_, q| match asked(q) {
        None => ok("{\"p\":[{\"id\":1,\"variants\":[11,\"12\",13]}]}"),
        Some(_) => ok("{\"v\":[{\"id\":12,\"price\":1},{\"id\":11,\"price\":2}]}"),
    })
    .await;
    let (items, _) = read(&mapped(&server, WINDOWS)).await.unwrap();
    let variants = r#"[{"id":11,"price":2},{"id":12,"price":1},{"id":13}]"#;
    assert_eq!(items, [format!("{{\"id\":1,\"variants\":{variants}}}")]);
}
