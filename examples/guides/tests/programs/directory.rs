use std::fs;
use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use super::support::{Program, folder};

const PATH: &str = env!("CARGO_BIN_EXE_directory");

const LIN: &str = r#"{"userid": "lin.mei", "name": "Lin Mei", "department": [7]}"#;
const WANG: &str = r#"{"userid": "wang.fang", "name": "Wang Fang", "department": [7, 12]}"#;
const CHEN: &str = r#"{"userid": "chen.yu", "name": "Chen Yu", "department": []}"#;

#[tokio::test]
async fn the_directory_follows_the_pull_and_the_callbacks() {
    let folder = folder("directory");
    api(&folder, &[LIN, WANG]);
    let program = Program::start(PATH, &folder, &[]);
    program.prints("pulled 2 members");
    assert_eq!(
        members(&folder).await,
        ["lin.mei Lin Mei [7]", "wang.fang Wang Fang [7,12]"]
    );

    // The event has another name. The API is asked for the present one.
    api(&folder, &[CHEN, LIN]);
    program.deliver(
        "change_contact/create_user",
        &[("UserID", "chen.yu"), ("Name", "Old")],
    );
    program.prints("refreshed chen.yu");
    program.deliver("change_contact/delete_user", &[("UserID", "wang.fang")]);
    program.prints("refreshed wang.fang");
    assert_eq!(
        members(&folder).await,
        ["chen.yu Chen Yu []", "lin.mei Lin Mei [7]"]
    );

    api(&folder, &[CHEN, &LIN.replace("lin.mei", "lin.m")]);
    let renamed = [("UserID", "lin.mei"), ("NewUserID", "lin.m")];
    program.deliver("change_contact/update_user", &renamed);
    program.prints("refreshed lin.mei");
    assert_eq!(
        members(&folder).await,
        ["chen.yu Chen Yu []", "lin.m Lin Mei [7]"]
    );
}

#[tokio::test]
async fn the_nightly_pull_repairs_what_no_callback_has_reported() {
    let folder = folder("nightly");
    api(&folder, &[LIN, WANG]);
    let program = Program::start(PATH, &folder, &[]);
    program.prints("pulled 2 members");
    drop(program);

    api(&folder, &[CHEN, LIN]);
    // A callback that was later than the pull has said that Lin has left.
    let later =
        "UPDATE member SET is_member = FALSE, asked_at = asked_at * 2 WHERE user_id = 'lin.mei'";
    sqlx::query(later)
        .execute(&open(&folder).await)
        .await
        .unwrap();
    let program = Program::start(PATH, &folder, &[]);
    program.prints("pulled 2 members");
    assert_eq!(members(&folder).await, ["chen.yu Chen Yu []"]);
}

#[tokio::test]
async fn an_empty_answer_of_the_api_removes_no_member() {
    let folder = folder("empty");
    api(&folder, &[LIN]);
    let program = Program::start(PATH, &folder, &[]);
    program.prints("pulled 1 members");
    drop(program);

    api(&folder, &[]);
    let program = Program::start(PATH, &folder, &[]);
    let (status, _) = program.get("/wecom");
    assert_eq!(status, "200");
    assert_eq!(members(&folder).await, ["lin.mei Lin Mei [7]"]);
}

fn api(folder: &Path, members: &[&str]) {
    let file = folder.join("directory.json");
    fs::write(file, format!("[{}]", members.join(","))).unwrap();
}

async fn open(folder: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(folder.join("members.db"));
    SqlitePool::connect_with(options).await.unwrap()
}

async fn members(folder: &Path) -> Vec<String> {
    let sql = "SELECT user_id || ' ' || name || ' ' || departments FROM member
        WHERE is_member ORDER BY user_id";
    sqlx::query_scalar(sql)
        .fetch_all(&open(folder).await)
        .await
        .unwrap()
}
