use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::domain::pass::SECRET_BYTES;

fn at(server: &str) -> ServerArgs {
    ServerArgs { server: server.to_owned(), data: PathBuf::from("/nowhere"), pass_file: None }
}

fn organiser(server: &str) -> (Client, String) {
    let folder = tempfile::tempdir().unwrap();
    let pass = Pass::from_random(Role::Organiser, [7; SECRET_BYTES]).reveal();
    std::fs::write(folder.path().join(PASS_FILE), format!("{pass}\n")).unwrap();
    let args = ServerArgs { data: folder.path().to_owned(), ..at(server) };
    (Client::organiser(&args).unwrap(), pass)
}

/// A server that hears one request of a known body and gives one answer; returns what it heard.
async fn once(listener: &TcpListener, body: &str, answer: String) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(format!("\r\n\r\n{body}").as_bytes()) {
        assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0, "the request is whole");
    }
    // A client that has heard enough may hang up first.
    let _ = stream.write_all(answer.as_bytes()).await;
    String::from_utf8(heard).unwrap()
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

async fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (listener, address)
}

#[tokio::test]
async fn a_request_shows_the_pass_and_brings_the_answer_back() {
    let (listener, address) = listening().await;
    let (client, pass) = organiser(&address);
    let body = r#"{"do":"hold"}"#;
    let (got, heard) = tokio::join!(
        client.post::<Value>("/api/v1/moment", "application/json", body),
        once(&listener, body, answer("200 OK", r#"{"kept":1}"#))
    );
    assert_eq!(got.unwrap(), json!({"kept": 1}));
    assert!(heard.starts_with("POST /api/v1/moment HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("authorization: Bearer {pass}\r\n")));
    assert!(heard.contains("content-type: application/json\r\n"));
    assert!(heard.contains(&format!("host: {}\r\n", listener.local_addr().unwrap())));
}

#[tokio::test]
async fn a_refusal_is_what_the_server_says() {
    let (listener, address) = listening().await;
    let refusal = answer("409 Conflict", r#"{"reason":"already_held","say":"the moment is held already"}"#);
    let client = Client::anybody(&at(&address)).unwrap();
    let (got, _) = tokio::join!(client.get::<Value>("/x"), once(&listener, "", refusal));
    let refused = got.unwrap_err();
    assert_eq!(refused.to_string(), "the moment is held already");
    assert!(matches!(refused, ClientError::Refused { reason, .. } if reason == "already_held"));
}

#[tokio::test]
async fn whatever_else_answers_is_called_foreign_or_broken() {
    let (listener, address) = listening().await;
    let client = Client::anybody(&at(&address)).unwrap();
    for reply in [answer("404 Not Found", "<h1>nginx</h1>"), answer("200 OK", "hello")] {
        let (got, _) = tokio::join!(client.get::<Value>("/x"), once(&listener, "", reply));
        assert!(matches!(got.unwrap_err(), ClientError::Foreign { .. }));
    }
    for reply in ["SSH-2.0-OpenSSH\r\n", "", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"] {
        let (got, _) = tokio::join!(client.get::<Value>("/x"), once(&listener, "", reply.to_owned()));
        assert!(matches!(got.unwrap_err(), ClientError::Broken { .. }), "{reply}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let (listener, address) = listening().await;
    let client = Client::anybody(&at(&address)).unwrap();
    let long = answer("200 OK", &"x".repeat(MAX_ANSWER_BYTES + 1));
    let (got, _) = tokio::join!(client.get::<Value>("/x"), once(&listener, "", long));
    assert!(matches!(got.unwrap_err(), ClientError::TooLong(_)));
}

#[tokio::test]
async fn nobody_there_is_said_with_the_way_out() {
    let (listener, address) = listening().await;
    drop(listener);
    let said = Client::anybody(&at(&address)).unwrap().get::<Value>("/x").await.unwrap_err().to_string();
    assert!(said.starts_with(&format!("no server answers at {address}; start one with: oneoclock serve")), "{said}");
}

#[test]
fn addresses_are_plain_http_and_nothing_else() {
    for good in ["http://127.0.0.1:1300", "http://127.0.0.1:1300/", "http://localhost", "http://[::1]:1300"] {
        assert!(Client::anybody(&at(good)).is_ok(), "{good}");
    }
    for bad in ["", "127.0.0.1:1300", "localhost", "ftp://x", "http://x/path", "http://x?y", "http://me@x", "http://"] {
        assert!(matches!(Client::anybody(&at(bad)).unwrap_err(), ClientError::Address(_)), "{bad}");
    }
    let said = Client::anybody(&at("https://one.example")).unwrap_err().to_string();
    assert!(said.contains("plain http only"), "{said}");
    assert_eq!(Client::anybody(&at("http://[::1]:1300")).unwrap().host, "::1");
}

#[test]
fn a_pass_that_cannot_be_used_is_named_by_its_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pass");
    let args = ServerArgs { pass_file: Some(path.clone()), ..at("http://127.0.0.1:1300") };
    assert!(Client::organiser(&args).unwrap_err().to_string().contains("--pass-file"));
    let steward = Pass::from_random(Role::Steward, [7; SECRET_BYTES]).reveal();
    std::fs::write(&path, &steward).unwrap();
    let said = Client::organiser(&args).unwrap_err().to_string();
    assert!(said.contains("holds a steward pass") && !said.contains(&steward), "{said}");
    std::fs::write(&path, "hello").unwrap();
    assert!(Client::organiser(&args).unwrap_err().to_string().contains("does not hold a pass"));
}

/// What a long answer was handed on as, and how it ended.
async fn read(client: &Client) -> (String, Result<(), ClientError>) {
    let mut all = String::new();
    let take = |piece: &[u8]| {
        all.push_str(str::from_utf8(piece).unwrap());
        Ok(())
    };
    let ended = client.read("/api/v1/log", take).await;
    (all, ended)
}

#[tokio::test]
async fn a_long_answer_is_handed_on_as_it_comes_and_a_refusal_or_a_broken_one_is_told() {
    let (listener, address) = listening().await;
    let (client, _) = organiser(&address);
    let pieces = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\none\n\r\n4\r\ntwo\n\r\n";
    let whole = format!("{pieces}0\r\n\r\n");
    let ((all, ended), _) = tokio::join!(read(&client), once(&listener, "", whole));
    assert!(all == "one\ntwo\n" && ended.is_ok(), "{all} {ended:?}");
    let ((all, ended), _) = tokio::join!(read(&client), once(&listener, "", pieces.to_owned()));
    assert!(all == "one\ntwo\n" && matches!(ended, Err(ClientError::Broken { .. })), "{all} {ended:?}");
    let no = answer("403 Forbidden", r#"{"reason":"pass","say":"not with this pass"}"#);
    let ((all, ended), _) = tokio::join!(read(&client), once(&listener, "", no));
    assert!(all.is_empty() && ended.unwrap_err().to_string() == "not with this pass");
}
