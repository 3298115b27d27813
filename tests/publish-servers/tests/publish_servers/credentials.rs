//! The `.creds` file of a NATS server that knows its users by the signatures of an operator.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use nkeys::KeyPair;
use serde_json::{Value, json};
use tower_wecom_publish::JetStream;

use crate::broker::{Broker, Nats};
use crate::limits::deliver;
use crate::tls::shown;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jetstream_logs_in_with_a_credentials_file() {
    let account = KeyPair::new_account();
    let server = Nats::start_with("", |_| settings(&account));
    let dir = tempfile::tempdir().unwrap();
    let connect = |path: PathBuf| {
        let builder = JetStream::builder().credentials_file(path);
        let url = server.url();
        async move { builder.connect(&url).await }
    };
    let (user, other) = (KeyPair::new_user(), KeyPair::new_user());
    let (jwt, seed) = (user_jwt(&user, &account), user.seed().unwrap());
    let broker = connect(creds(dir.path(), &jwt, &seed)).await.unwrap();
    assert_eq!(deliver(&broker, "a").await, StatusCode::OK);

    JetStream::connect(&server.url()).await.unwrap_err();
    let another_seed = other.seed().unwrap();
    let broken_seed = seed.replace('A', "B");
    let of_no_account = user_jwt(&user, &KeyPair::new_account());
    for (jwt, seed) in [
        (&jwt, &another_seed),
        (&jwt, &broken_seed),
        (&of_no_account, &seed),
    ] {
        let error = connect(creds(dir.path(), jwt, seed)).await.unwrap_err();
        let shown = shown(&error);
        assert!(!shown.contains(jwt.as_str()), "{shown}");
        assert!(!shown.contains(seed.as_str()), "{shown}");
    }
    connect(dir.path().join("absent")).await.unwrap_err();
}

/// The operator and its accounts. JetStream needs that of the system.
fn settings(account: &KeyPair) -> String {
    let (operator, system) = (KeyPair::new_operator(), KeyPair::new_account());
    let operator_jwt = jwt(
        &operator,
        &operator,
        json!({"type": "operator", "version": 2}),
    );
    let no_limit = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true,
        "conn": -1, "leaf": -1,
        "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let with_streams = json!({"type": "account", "version": 2, "limits": no_limit});
    let without = json!({"type": "account", "version": 2});
    format!(
        "operator: {operator_jwt}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{\n\
         {}: {}\n{}: {}\n}}",
        system.public_key(),
        account.public_key(),
        jwt(account, &operator, with_streams),
        system.public_key(),
        jwt(&system, &operator, without),
    )
}

fn user_jwt(user: &KeyPair, account: &KeyPair) -> String {
    let claims = json!({"type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1});
    jwt(user, account, claims)
}

/// What NATS calls a JWT: about this key, signed by that one.
fn jwt(about: &KeyPair, by: &KeyPair, claims: Value) -> String {
    let header = json!({"typ": "JWT", "alg": "ed25519-nkey"});
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let claims = json!({
        "jti": about.public_key(), "iat": since_1970.as_secs(), "name": "wecom",
        "iss": by.public_key(), "sub": about.public_key(), "nats": claims,
    });
    let [header, claims] = [header, claims].map(|it| URL_SAFE_NO_PAD.encode(it.to_string()));
    let signed = format!("{header}.{claims}");
    let signature = by.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn creds(dir: &Path, jwt: &str, seed: &str) -> PathBuf {
    let path = dir.join("wecom.creds");
    let text = format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    );
    fs::write(&path, text).unwrap();
    path
}
