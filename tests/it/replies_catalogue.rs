//! Our builders make each reply as the catalogue's sample has it: the same elements in the same
//! order, texts in CDATA, numbers without CDATA.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tower_wecom::payload::{Document, Element};
use tower_wecom::reply::{
    ActionMenu, Article, Button, ButtonInteraction, CardAction, CardImage, Checkbox, DescColor,
    EmphasisContent, HorizontalContent, ImageTextArea, JumpAction, MainTitle, MultipleInteraction,
    NewsNotice, QuoteArea, SelectionItem, Source, Stream, StreamImage, SubmitButton, TextNotice,
    VerticalContent, Video, VoteInteraction,
};
use tower_wecom::test_util::{FixedClock, Platform};
use tower_wecom::{Config, ReceiveId, Reply};

use crate::support::{KEY, NOW, Recorder, TOKEN, sample_for};

/// The corp in the samples.
const CORP: &str = "ww3f9c21d07b64a8e5";
const PAGE: &str = "https://www.example.test/c/1";
const PAGE_2: &str = "https://www.example.test/c/1_2";
const ICON: &str = "https://img.example.test/i.png";

#[test]
fn the_colours_of_a_description_have_the_codes_of_the_document() {
    use DescColor::{Black, Green, Grey, Red};
    let codes = [Grey, Black, Red, Green].map(DescColor::code);
    assert_eq!(codes, [0, 1, 2, 3]);
}

#[tokio::test]
async fn each_reply_of_the_catalogue_is_made_as_it_stands_there() {
    let mut rows = replies_in_xml();
    rows.extend(cards_in_xml());
    rows.extend(replies_in_json());
    for (name, reply) in &rows {
        let text = said(name.ends_with("json"), reply.clone()).await;
        assert_eq!(text, minified(name), "{name}");
    }
    let mut names: Vec<_> = rows.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort();
    assert_eq!(names, samples("reply_", &["envelope"]));
}

#[tokio::test]
async fn each_envelope_of_the_catalogue_is_made_as_it_stands_there() {
    let rows = [
        ("envelope_xml_reply.xml", Reply::text("x").unwrap()),
        ("aibot_reply_envelope.json", Reply::text("x").unwrap()),
    ];
    assert_eq!(samples("envelope", &[]).len(), rows.len());
    for (name, reply) in rows {
        let body = answered(name.ends_with("json"), reply).await;
        let shape = without_values(&body);
        assert_eq!(shape, without_values(&minified(name)));
        assert_eq!(shape.matches('_').count(), 4, "{shape}");
    }
}

/// The names of the cards' members in documents 101032 and 94888.
const NAMES_IN_JSON: &[&str] = &[
    "action_list",
    "action_menu",
    "aspect_ratio",
    "button_list",
    "button_selection",
    "card_action",
    "card_image",
    "card_type",
    "checkbox",
    "desc",
    "desc_color",
    "disable",
    "emphasis_content",
    "horizontal_content_list",
    "icon_url",
    "id",
    "image_text_area",
    "image_url",
    "is_checked",
    "jump_list",
    "key",
    "keyname",
    "main_title",
    "mode",
    "option_list",
    "question_key",
    "quote_area",
    "quote_text",
    "replace_text",
    "select_list",
    "selected_id",
    "source",
    "sub_title_text",
    "submit_button",
    "text",
    "title",
    "type",
    "url",
    "value",
    "vertical_content_list",
];

#[tokio::test]
async fn a_card_says_in_json_what_it_says_in_xml_under_the_names_of_the_documents() {
    let mut names = BTreeSet::new();
    for (sample, reply) in cards_in_xml() {
        let xml = Document::parse(minified(sample).as_bytes()).unwrap();
        let mut in_xml = Vec::new();
        leaves(xml.root().child("TemplateCard").unwrap(), "", &mut in_xml);
        // Only the XML for apps has a title for a tap on the whole card.
        in_xml.retain(|(path, _)| path != "/cardaction/title");

        let json = Document::parse(said(true, reply).await.as_bytes()).unwrap();
        let mut in_json = Vec::new();
        let card = json.root().child("template_card").unwrap();
        leaves(card, "", &mut in_json);
        assert_eq!(in_json, in_xml, "{sample}");
        collect_names(card, &mut names);
    }
    let documented = NAMES_IN_JSON.iter().map(|name| (*name).to_owned());
    assert_eq!(names, documented.collect());
}

/// The texts of an element with their paths. The names are equal in XML and JSON except for case
/// and underscores.
fn leaves(element: Element<'_>, path: &str, found: &mut Vec<(String, String)>) {
    if !element.has_children() {
        found.push((path.to_owned(), element.text().to_owned()));
    }
    for child in element.children() {
        let name = child.name().to_lowercase().replace('_', "");
        leaves(child, &format!("{path}/{name}"), found);
    }
}

fn collect_names(element: Element<'_>, names: &mut BTreeSet<String>) {
    for child in element.children() {
        names.insert(child.name().to_owned());
        collect_names(child, names);
    }
}

#[tokio::test]
async fn each_link_of_a_card_has_the_name_of_the_documents() {
    let rows = [
        HorizontalContent::new("file").media_id("m"),
        HorizontalContent::new("member").user_id("u"),
    ];
    let jumps = [
        JumpAction::new("program").mini_program("a").page_path("p"),
        JumpAction::new("question").question("q"),
    ];
    let card = TextNotice::new(CardAction::mini_program("a").page_path("p"))
        .sub_title_text("t")
        .horizontal_content_list(rows)
        .jump_list(jumps);
    let reply = Reply::update_template_card(card).unwrap();
    let json: serde_json::Value = serde_json::from_str(&said(true, reply.clone()).await).unwrap();
    let expected = serde_json::json!({
        "card_type": "text_notice",
        "sub_title_text": "t",
        "horizontal_content_list": [
            {"keyname": "file", "type": 2, "media_id": "m"},
            {"keyname": "member", "type": 3, "userid": "u"},
        ],
        "jump_list": [
            {"title": "program", "type": 2, "appid": "a", "pagepath": "p"},
            {"title": "question", "type": 3, "question": "q"},
        ],
        "card_action": {"type": 2, "appid": "a", "pagepath": "p"},
    });
    assert_eq!(json["template_card"], expected);
    let xml = said(false, reply).await;
    for part in [
        "<Type>2</Type><MediaId><![CDATA[m]]></MediaId>",
        "<Type>3</Type><UserId><![CDATA[u]]></UserId>",
        "<Type>2</Type><AppId><![CDATA[a]]></AppId><PagePath><![CDATA[p]]></PagePath></JumpList>",
        "<CardAction><Type>2</Type><AppId><![CDATA[a]]></AppId><PagePath><![CDATA[p]]></PagePath></CardAction>",
        // This card is only for AI bots.
        "<JumpList><Title><![CDATA[question]]></Title><Type>3</Type></JumpList>",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
}

fn replies_in_xml() -> Vec<(&'static str, Reply)> {
    let video = Video::new("1Vi-zjpkcAkB6r0FhTq2W9nE3sLdXuMg")
        .title("Gate tour")
        .description("Two minutes");
    let articles = [
        ("", "https://img.example.test/n/1.png"),
        ("_2", "https://img.example.test/n/1.png_2"),
    ];
    let articles = articles.map(|(end, picture)| {
        Article::new(format!("Rota{end}"))
            .description(format!("Week 1{end}"))
            .pic_url(picture)
            .url(format!("https://www.example.test/n/1{end}"))
    });
    let replies = [
        ("reply_text.xml", Reply::text("Door code please")),
        (
            "reply_image.xml",
            Reply::image("1Yv-zjpkcAkB6r0FhTq2W9nE3sLdXuMg"),
        ),
        (
            "reply_voice.xml",
            Reply::voice("1Vo-zjpkcAkB6r0FhTq2W9nE3sLdXuMg"),
        ),
        ("reply_video.xml", Reply::video(video)),
        ("reply_news.xml", Reply::news(articles)),
        ("reply_update_button.xml", Reply::update_button("Received")),
        (
            "reply_update_taskcard.xml",
            Reply::update_taskcard("Received"),
        ),
    ];
    replies.map(|(name, reply)| (name, reply.unwrap())).into()
}

fn cards_in_xml() -> Vec<(&'static str, Reply)> {
    let cards = [
        (
            "reply_update_template_card_text_notice.xml",
            Reply::update_template_card(text_notice()),
        ),
        (
            "reply_update_template_card_news_notice.xml",
            Reply::update_template_card(news_notice()),
        ),
        (
            "reply_update_template_card_button_interaction.xml",
            Reply::update_template_card(button_interaction()),
        ),
        (
            "reply_update_template_card_vote_interaction.xml",
            Reply::update_template_card(vote_interaction()),
        ),
        (
            "reply_update_template_card_multiple_interaction.xml",
            Reply::update_template_card(multiple_interaction()),
        ),
    ];
    cards.map(|(name, reply)| (name, reply.unwrap())).into()
}

fn replies_in_json() -> Vec<(&'static str, Reply)> {
    let replies = [
        ("aibot_reply_text.json", Reply::text("Good morning")),
        ("aibot_reply_stream.json", Reply::stream(stream())),
        (
            "aibot_reply_template_card.json",
            Reply::template_card(bot_card()),
        ),
        (
            "aibot_reply_stream_with_template_card.json",
            Reply::stream_with_template_card(stream(), bot_card()),
        ),
        (
            "aibot_reply_update_template_card.json",
            Reply::update_template_card_for(["lin.mei"], bot_card()),
        ),
    ];
    replies.map(|(name, reply)| (name, reply.unwrap())).into()
}

fn stream() -> Stream {
    Stream::finish("st_20260101_7", "North gate is open")
        .images([StreamImage::new("hello")])
        .feedback("fb_33")
}

fn bot_card() -> ButtonInteraction {
    let title = MainTitle::new("Swap shifts?").desc("Friday night");
    let buttons = [
        Button::new("Yes", "k_yes").style(1),
        Button::new("No", "k_no").style(2),
    ];
    ButtonInteraction::new(title, buttons)
        .source(Source::new().icon_url(ICON).desc("Depot"))
        .task_id("task-78")
        .feedback("fb_32")
}

fn text_notice() -> TextNotice {
    TextNotice::new(card_action())
        .source(source().desc_color(DescColor::Black))
        .main_title(main_title())
        .sub_title_text("see details")
        .horizontal_content_list(rows())
        .jump_list(jumps())
        .emphasis_content(EmphasisContent::new("Shift swap").desc("Depot desk"))
        .action_menu(action_menu())
        .quote_area(quote_area())
}

fn news_notice() -> NewsNotice {
    let paragraphs = [
        VerticalContent::new("Shift swap").desc("Depot desk"),
        VerticalContent::new("Shift swap_2").desc("Depot desk_2"),
    ];
    let image_text_area = ImageTextArea::new("https://img.example.test/t.png")
        .url(PAGE)
        .title("Shift swap")
        .desc("Depot desk");
    NewsNotice::new(main_title(), card_action())
        .source(source().desc_color(DescColor::Black))
        .horizontal_content_list(rows())
        .jump_list(jumps())
        .card_image(CardImage::new(PAGE).aspect_ratio(1.3))
        .vertical_content_list(paragraphs)
        .action_menu(action_menu())
        .quote_area(quote_area())
        .image_text_area(image_text_area)
}

fn button_interaction() -> ButtonInteraction {
    let buttons = [
        Button::new("Mute", "k_mute"),
        Button::new("Mute_2", "k_mute_2"),
    ];
    ButtonInteraction::new(main_title(), buttons)
        .source(source().desc_color(DescColor::Black))
        .sub_title_text("see details")
        .horizontal_content_list(rows())
        .jump_list(jumps())
        .card_action(card_action())
        .replace_text("Submitted")
        .action_menu(action_menu())
        .quote_area(quote_area())
        .button_selection(selection("", "_2"))
}

fn vote_interaction() -> VoteInteraction {
    let checkbox = Checkbox::new("q_shift")
        .checked_option("opt_day", "Mute")
        .checked_option("opt_day_2", "Mute_2")
        .disable(false)
        .multiple(true);
    VoteInteraction::new(main_title(), checkbox)
        .source(source())
        .submit_button(SubmitButton::new("Mute", "k_mute"))
        .replace_text("Submitted")
}

fn multiple_interaction() -> MultipleInteraction {
    let selections = [selection("", "_2"), selection("_2", "_3")];
    MultipleInteraction::new(main_title(), selections)
        .source(source())
        .submit_button(SubmitButton::new("Mute", "k_mute"))
        .replace_text("Submitted")
}

fn source() -> Source {
    Source::new().icon_url(ICON).desc("Depot desk")
}

fn main_title() -> MainTitle {
    MainTitle::new("Shift swap").desc("Depot desk")
}

fn card_action() -> CardAction {
    CardAction::url(PAGE).title("Shift swap")
}

/// The second row of the catalogue has type 2 and a page. The documents do not have this
/// combination.
fn rows() -> [HorizontalContent; 2] {
    [
        HorizontalContent::new("Site").value("North").url(PAGE),
        HorizontalContent::new("Site_2")
            .value("North_2")
            .url(PAGE_2)
            .link_type(2),
    ]
}

fn jumps() -> [JumpAction; 2] {
    [
        JumpAction::new("Shift swap").url(PAGE),
        JumpAction::new("Shift swap_2").url(PAGE_2).link_type(2),
    ]
}

fn action_menu() -> ActionMenu {
    ActionMenu::new("Depot desk")
        .action("Mute", "k_mute")
        .action("Mute_2", "k_mute_2")
}

fn quote_area() -> QuoteArea {
    QuoteArea::new()
        .url(PAGE)
        .title("Shift swap")
        .quote_text("swap on Friday")
}

fn selection(first: &str, second: &str) -> SelectionItem {
    SelectionItem::new(format!("q_shift{first}"))
        .title(format!("Shift swap{first}"))
        .selected_id(format!("opt_day{first}"))
        .disable(false)
        .option(format!("opt_day{first}"), format!("Mute{first}"))
        .option(format!("opt_day{second}"), format!("Mute{second}"))
}

/// The sealed answer of the layer to a message.
async fn answered(is_bot: bool, reply: Reply) -> String {
    let platform = platform(is_bot);
    let request = platform
        .deliver_sample(sample_for(is_bot, &reply))
        .request();
    let recorder = Recorder::replying(reply);
    let answer = recorder.send(config(is_bot), request.unwrap()).await;
    answer.text().to_owned()
}

/// The same, opened.
async fn said(is_bot: bool, reply: Reply) -> String {
    let body = answered(is_bot, reply).await;
    platform(is_bot).open_reply(body.as_bytes()).unwrap().text
}

fn platform(is_bot: bool) -> Platform {
    Platform::new(&config(is_bot))
}

fn config(is_bot: bool) -> Config {
    let receive_id = if is_bot {
        ReceiveId::empty()
    } else {
        ReceiveId::exact(CORP)
    };
    let (token, key) = (TOKEN.parse().unwrap(), KEY.parse().unwrap());
    Config::new(token, key, receive_id).clock(FixedClock::at(NOW))
}

/// A sample without the white space between its elements.
fn minified(name: &str) -> String {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    let text: String = text.lines().map(str::trim).collect();
    text.replace("\": ", "\":")
}

/// An envelope with `_` in place of each value. A value has only digits (a nonce may be short), or
/// is longer than any name except these.
fn without_values(envelope: &str) -> String {
    let names = ["MsgSignature", "TimeStamp", "msgsignature", "timestamp"];
    let is_in_value = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let mut found = String::new();
    for piece in envelope.split_inclusive(|c| !is_in_value(c)) {
        let word = piece.trim_end_matches(|c| !is_in_value(c));
        let is_number = !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
        let is_name = word.len() <= 8 || names.contains(&word.trim_start_matches('/'));
        let is_value = is_number || !is_name;
        found.push_str(if is_value { "_" } else { word });
        found.push_str(&piece[word.len()..]);
    }
    found
}

/// The names of the samples that contain a word and none of the others, in order.
fn samples(word: &str, without: &[&str]) -> Vec<String> {
    let names = fs::read_dir(folder()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_wanted =
        |name: &String| name.contains(word) && !without.iter().any(|it| name.contains(it));
    let mut names: Vec<_> = names.filter(is_wanted).collect();
    names.sort();
    names
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/samples/passive_reply")
}
