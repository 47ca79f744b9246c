//! An engine that does not let everybody in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use async_nats::ConnectOptions;

use super::{
    ear::Ear,
    engine::Engine,
    world::{PROGRAM, World},
};

const USER: &str = "oneoclock";
const PASSWORD: &str = "pass@word";

/// An engine that speaks TLS only, to one user, of one subject.
async fn guarded() -> Engine {
    Engine::with(|folder| {
        certificates(folder);
        let shown = folder.display();
        format!(
            r#"
            tls {{ cert_file: "{shown}/server.pem", key_file: "{shown}/server.key", timeout: 5 }}
            authorization {{ users: [ {{
                user: {USER}, password: "{PASSWORD}",
                permissions: {{ publish: ["oneoclock.1.>"], subscribe: ["oneoclock.1.>"] }}
            }} ] }}"#
        )
    })
    .await
}

/// A certificate for this machine, and whose word it is.
fn certificates(folder: &Path) {
    fs::write(folder.join("names"), "subjectAltName = IP:127.0.0.1").unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for arguments in [
        format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=ca"),
        format!("req {key} -keyout server.key -out server.csr -subj /CN=server"),
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem"
            .to_owned(),
    ] {
        let made = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert!(made.status.success(), "{arguments}: {}", String::from_utf8_lossy(&made.stderr));
    }
}

fn authority(engine: &Engine) -> PathBuf {
    engine.folder.path().join("ca.pem")
}

/// What a node is started with.
fn settings(engine: &Engine, password: &str) -> [String; 2] {
    let nats = format!("--nats=tls://{USER}:{}@{}", password.replace('@', "%40"), engine.address(0));
    [nats, format!("--nats-ca={}", authority(engine).display())]
}

async fn node(settings: &[String]) -> World {
    World::with(&settings.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// What `check` says of the engine.
fn checked(settings: &[String]) -> String {
    let data = tempfile::tempdir().unwrap();
    let mut check = Command::new(PROGRAM);
    let check = check.env_clear().args(["check", "--listen=127.0.0.1:0", "--data"]).arg(data.path()).args(settings);
    let said = check.output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap() + &String::from_utf8(said.stderr).unwrap();
    said.lines().filter(|line| line.contains(" nodes ") || line.contains(" configuration ")).collect()
}

#[tokio::test]
async fn a_node_joins_with_tls_and_a_password() {
    let engine = guarded().await;
    let settings = settings(&engine, PASSWORD);
    let world = node(&settings).await;
    let options = ConnectOptions::new().user_and_password(USER.to_owned(), PASSWORD.to_owned());
    let options = options.add_root_certificates(authority(&engine));
    let mut ear = Ear::with(options, &format!("tls://{}", engine.address(0))).await;
    ear.until_heard(&world.node().await).await;
    assert!(checked(&settings).contains("carries what nodes say"), "{}", checked(&settings));
    assert!(!(world.stderr() + &world.stdout()).contains("pass"), "{}{}", world.stderr(), world.stdout());
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it() {
    let engine = guarded().await;
    let settings = settings(&engine, "secret");
    let chatty = [&settings[..], &["--log=debug".to_owned()]].concat();
    let world = node(&chatty).await;
    world.until_logged("it refuses this user, password, token or credentials").await;
    world.phone().await;
    let said = [world.stderr(), world.stdout(), checked(&settings)].concat();
    assert!(!said.contains("secret"), "{said}");
    assert!(checked(&settings).contains("it refuses this user"), "{}", checked(&settings));
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_hears_no_password() {
    let engine = guarded().await;
    let [nats, _] = settings(&engine, PASSWORD);
    assert!(checked(&[nats.clone()]).contains("UnknownIssuer"), "{}", checked(&[nats]));
    // Nor one that speaks no TLS, when the certificates were named.
    let bare = Engine::new().await;
    let settings =
        [format!("--nats=nats://u:secret@{}", bare.address(0)), format!("--nats-ca={}", authority(&engine).display())];
    assert!(checked(&settings).contains("attention"), "{}", checked(&settings));
}

#[test]
fn what_cannot_be_used_is_said_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad");
    fs::write(&bad, "nothing of the kind").unwrap();
    let bad = bad.display();
    for (settings, words) in [
        (vec!["--nats=http://u:secret@a".to_owned()], "neither nats:// nor tls://"),
        (vec!["--nats=nats://u:secret@a,nats://u:other@b".to_owned()], "name different users"),
        (vec!["--nats=nats://u:secret@a".to_owned(), format!("--nats-credentials={bad}")], "leave one out"),
        (vec!["--nats=nats://a".to_owned(), format!("--nats-credentials={bad}")], "cannot use the NATS credentials in"),
        (vec!["--nats=nats://a".to_owned(), format!("--nats-ca={bad}")], "there is no certificate in it"),
        (vec!["--nats=nats://a".to_owned(), format!("--nats-ca={bad}x")], "No such file"),
    ] {
        let said = checked(&settings);
        assert!(said.contains(words) && said.contains("problem") && !said.contains("secret"), "{settings:?}: {said}");
    }
}
