use async_trait::async_trait;
use futures_util::stream;
use reqwest::header::HeaderMap;

use super::*;
use crate::{
    export::index::RowSum,
    web::{Response, WebError},
};

/// Answers with a status and a body, which breaks off where it ends in `…`.
struct Answer(u16, &'static str);

#[async_trait]
impl Web for Answer {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        let (body, breaks) = self.1.strip_suffix('…').map_or((self.1, false), |body| (body, true));
        let broken = breaks
            .then(|| Err(WebError { detail: "reset".into(), plain: "no answer".into(), permanent: false }));
        Ok(Response {
            status: StatusCode::from_u16(self.0).unwrap(),
            url: request.url,
            headers: HeaderMap::new(),
            body: Box::pin(stream::iter(std::iter::once(Ok(body.into())).chain(broken))),
        })
    }
}

async fn look(status: u16, body: &'static str) -> Option<Takeover> {
    let mut index = RowIndex::default();
    for id in ["1", "2", "3"] {
        index.insert(id.as_bytes(), RowSum::of_bytes(b""), 1);
    }
    let url = Url::parse("https://a.example/f").unwrap();
    let new = BuildId::parse("20261006-000503-k3x9").unwrap();
    of(&Answer(status, body), &url, None, &mut index, &new, Duration::from_secs(5)).await
}

#[tokio::test]
async fn a_feed_of_somebody_else_is_compared_by_its_ids() {
    for (body, kept, of, gone) in [
        ("id\ttitle\n1\tA\n2\tB\n", 2, 2, vec![]),
        ("title\tid\nA\t1\nB\t9\nC\t8", 1, 3, vec!["9", "8"]),
        ("id\ttitle\r\nSKU-1\tA\r\nSKU-2\tB\r\n", 0, 2, vec!["SKU-1", "SKU-2"]),
        ("\u{feff}id\ttitle\n1\tA\nX\tB\n", 1, 2, vec!["X"]),
        (" ID \tTITLE\n1\tA\nX\tB\n", 1, 2, vec!["X"]),
        ("\"id\"\t\"title\"\n\"1\"\t\"A\"\n\"X\"\t\"B\"\n", 1, 2, vec!["X"]),
        ("id\ttitle\n1\tA\n1\tA\n2\tB\nX\tB\nX\tB\n\n\n", 2, 3, vec!["X"]),
        (
            "<<<begin>>>\n<<<mapid>>>1\n<<<pname>>>A\n<<<ftend>>>\n<<<begin>>>\n<<<mapid>>>X\n<<<ftend>>>\n",
            1,
            2,
            vec!["X"],
        ),
    ] {
        let Some(Takeover::Compared(found)) = look(200, body).await else { panic!("{body}") };
        assert_eq!((found.kept, found.of, found.rows), (kept, of, 3), "{body}");
        assert_eq!(found.gone.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), gone, "{body}");
    }
}

#[tokio::test]
async fn where_no_feed_is_there_is_nothing_to_take_over() {
    for (status, body) in
        [(404, "id\n1\n"), (403, ""), (200, ""), (200, "<html>\n<body>soon</body>"), (200, "id\ttitle\n")]
    {
        assert_eq!(look(status, body).await, None, "{status} {body}");
    }
}

#[tokio::test]
async fn what_may_be_a_feed_and_is_not_understood_is_told() {
    for body in
        ["title\tlink\nA\tB\n", "id,title\n1,A\n", "id\ttitle\r1\tA\r", "\u{1f}\u{8b}xx", "[{\"id\": 1}]"]
    {
        let begins = body.lines().next().unwrap().trim().chars().take(BEGINS).collect();
        assert_eq!(look(200, body).await, Some(Takeover::Unreadable { begins }), "{body:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_not_known() {
    for (status, body, reason) in
        [(503, "", "status 503"), (429, "", "status 429"), (200, "id\n1\n…", "reset")]
    {
        assert_eq!(
            look(status, body).await,
            Some(Takeover::Unknown { reason: reason.into() }),
            "{status} {body}"
        );
    }
}
