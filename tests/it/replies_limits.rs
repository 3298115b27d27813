//! A reply that WeCom rejects cannot be made. Each limit is just kept and just broken.

use tower_wecom::Reply;
use tower_wecom::ReplyError;
use tower_wecom::reply::{
    ActionMenu, Article, Button, ButtonInteraction, CardAction, CardImage, Checkbox,
    HorizontalContent, ImageTextArea, JumpAction, MainTitle, MultipleInteraction, NewsNotice,
    QuoteArea, SelectionItem, Stream, StreamImage, SubmitButton, TemplateCard, TextNotice,
    VerticalContent, Video, VoteInteraction,
};

type Made = Result<Reply, ReplyError>;

/// A text of this many bytes.
fn bytes(length: usize) -> String {
    "x".repeat(length)
}

/// Makes a reply with a text of `limit` bytes, then with one more.
#[track_caller]
fn holds_bytes(field: &str, limit: usize, make: impl Fn(String) -> Made) {
    assert!(make(bytes(limit)).is_ok(), "{field} of {limit} bytes");
    let error = make(bytes(limit + 1)).unwrap_err();
    let (length, message) = (limit + 1, error.to_string());
    let expected = format!("{field} has {length} bytes, WeCom takes at most {limit}");
    assert_eq!(message, expected);
}

/// The same for a text that may not be empty.
#[track_caller]
fn holds_key(field: &str, limit: usize, make: impl Fn(String) -> Made) {
    needs_text(field, &make);
    holds_bytes(field, limit, make);
}

#[track_caller]
fn needs_text(field: &str, make: impl Fn(String) -> Made) {
    assert!(make(bytes(1)).is_ok(), "{field} of one byte");
    let error = make(String::new()).unwrap_err();
    assert_eq!(error.to_string(), format!("{field} is missing or empty"));
}

/// Makes a reply with the fewest and the most items, then with one beyond each.
#[track_caller]
fn holds_items(field: &str, min: usize, max: usize, make: impl Fn(usize) -> Made) {
    for count in [min, max] {
        assert!(make(count).is_ok(), "{field} with {count} items");
    }
    for count in [min.checked_sub(1), Some(max + 1)].into_iter().flatten() {
        let message = make(count).unwrap_err().to_string();
        let expected = format!("{field} has {count} items, WeCom takes {min} to {max}");
        assert_eq!(message, expected);
    }
}

#[track_caller]
fn is_refused(made: Made, message: &str) {
    assert_eq!(made.unwrap_err().to_string(), message);
}

fn title() -> MainTitle {
    MainTitle::new("title")
}

fn action() -> CardAction {
    CardAction::url("https://www.example.com")
}

fn notice() -> TextNotice {
    TextNotice::new(action()).main_title(title())
}

fn news() -> NewsNotice {
    NewsNotice::new(title(), action()).card_image(CardImage::new("https://img.example.com"))
}

fn buttons() -> ButtonInteraction {
    ButtonInteraction::new(title(), [Button::new("Yes", "yes")])
}

fn selection(key: impl Into<String>) -> SelectionItem {
    SelectionItem::new(key).option("a", "A")
}

fn checkbox() -> Checkbox {
    Checkbox::new("question").option("a", "A")
}

fn update(card: impl Into<TemplateCard>) -> Made {
    Reply::update_template_card(card)
}

#[test]
fn texts_and_media() {
    holds_bytes("Content", 2048, Reply::text);
    is_refused(
        Reply::text(""),
        "Content is empty; to say nothing, use `Reply::ack()`",
    );
    needs_text("MediaId", Reply::image);
    needs_text("MediaId", Reply::voice);
    needs_text("MediaId", Reply::video);
    holds_bytes("Title", 128, |it| Reply::video(Video::new("m").title(it)));
    holds_bytes("Description", 512, |it| {
        Reply::video(Video::new("m").description(it))
    });
    needs_text("ReplaceName", Reply::update_button);
    needs_text("ReplaceName", Reply::update_taskcard);
}

#[test]
fn articles() {
    holds_items("Articles", 1, 8, |count| {
        Reply::news((0..count).map(|_| Article::new("title")))
    });
    holds_key("Title", 128, |it| Reply::news([Article::new(it)]));
    holds_bytes("Description", 512, |it| {
        Reply::news([Article::new("title").description(it)])
    });
}

#[test]
fn streams() {
    let finish = || Stream::finish("id", "text");
    needs_text("stream.id", |it| Reply::stream(Stream::start(it, "")));
    holds_bytes("stream.content", 20_480, |it| {
        Reply::stream(Stream::refresh("id", it))
    });
    holds_items("stream.msg_item", 0, 10, |count| {
        Reply::stream(finish().images((0..count).map(|_| StreamImage::new("x"))))
    });
    holds_key("stream.msg_item.image", 10 << 20, |it| {
        Reply::stream(finish().images([StreamImage::new(it)]))
    });
    for unfinished in [Stream::start("id", ""), Stream::refresh("id", "")] {
        is_refused(
            Reply::stream(unfinished.images([StreamImage::new("x")])),
            "stream.msg_item has to be left for the end of the stream",
        );
    }
    holds_key("stream.feedback.id", 256, |it| {
        Reply::stream(finish().feedback(it))
    });
    holds_bytes("stream.content", 20_480, |it| {
        Reply::stream_with_template_card(Stream::start("id", it), notice())
    });
}

#[test]
fn lists_of_a_card() {
    holds_items("horizontal_content_list", 0, 6, |count| {
        let rows = (0..count).map(|_| HorizontalContent::new("name"));
        update(notice().horizontal_content_list(rows))
    });
    holds_items("jump_list", 0, 3, |count| {
        update(notice().jump_list((0..count).map(|_| JumpAction::new("title"))))
    });
    holds_items("vertical_content_list", 0, 4, |count| {
        let paragraphs = (0..count).map(|_| VerticalContent::new("title"));
        update(news().vertical_content_list(paragraphs))
    });
    holds_items("button_list", 1, 6, |count| {
        let buttons = (0..count).map(|index| Button::new("text", index.to_string()));
        update(ButtonInteraction::new(title(), buttons))
    });
    holds_items("select_list", 1, 3, |count| {
        let questions = (0..count).map(|index| selection(index.to_string()));
        update(MultipleInteraction::new(title(), questions))
    });
    holds_items("action_menu.action_list", 1, 3, |count| {
        let menu = (0..count).fold(ActionMenu::new("menu"), |menu, index| {
            menu.action("text", index.to_string())
        });
        update(notice().action_menu(menu))
    });
    holds_items("option_list", 1, 10, |count| {
        let list = (0..count).fold(SelectionItem::new("question"), |list, index| {
            list.option(index.to_string(), "text")
        });
        update(buttons().button_selection(list))
    });
    holds_items("option_list", 1, 20, |count| {
        let checkbox = (0..count).fold(Checkbox::new("question"), |checkbox, index| {
            checkbox.option(index.to_string(), "text")
        });
        update(VoteInteraction::new(title(), checkbox))
    });
}

#[test]
fn keys_and_ids_of_a_card() {
    holds_key("button_list.key", 1024, |it| {
        update(ButtonInteraction::new(title(), [Button::new("text", it)]))
    });
    holds_key("submit_button.key", 1024, |it| {
        let vote = VoteInteraction::new(title(), checkbox());
        update(vote.submit_button(SubmitButton::new("text", it)))
    });
    holds_key("action_menu.action_list.key", 1024, |it| {
        update(notice().action_menu(ActionMenu::new("menu").action("text", it)))
    });
    holds_key("question_key", 1024, |it| {
        update(MultipleInteraction::new(title(), [selection(it)]))
    });
    holds_key("question_key", 1024, |it| {
        let checkbox = Checkbox::new(it).option("a", "A");
        update(VoteInteraction::new(title(), checkbox))
    });
    holds_key("option_list.id", 128, |it| {
        update(buttons().button_selection(SelectionItem::new("question").option(it, "text")))
    });
    holds_key("option_list.id", 128, |it| {
        let checkbox = Checkbox::new("question").checked_option(it, "text");
        update(VoteInteraction::new(title(), checkbox))
    });
    holds_key("task_id", 128, |it| update(notice().task_id(it)));
    holds_key("feedback.id", 256, |it| update(notice().feedback(it)));
    holds_key("jump_list.question", 200, |it| {
        update(notice().jump_list([JumpAction::new("title").question(it)]))
    });
}

#[test]
fn texts_that_a_card_cannot_be_without() {
    needs_text("main_title.title", |it| {
        update(NewsNotice::new(MainTitle::new(it), action()).card_image(CardImage::new("url")))
    });
    needs_text("main_title.title", |it| {
        update(TextNotice::new(action()).main_title(MainTitle::new(it)))
    });
    needs_text("main_title.title", |it| {
        update(TextNotice::new(action()).sub_title_text(it))
    });
    needs_text("horizontal_content_list.keyname", |it| {
        update(notice().horizontal_content_list([HorizontalContent::new(it)]))
    });
    needs_text("horizontal_content_list.userid", |it| {
        update(notice().horizontal_content_list([HorizontalContent::new("name").user_id(it)]))
    });
    needs_text("horizontal_content_list.media_id", |it| {
        update(notice().horizontal_content_list([HorizontalContent::new("name").media_id(it)]))
    });
    needs_text("jump_list.title", |it| {
        update(notice().jump_list([JumpAction::new(it)]))
    });
    needs_text("jump_list.appid", |it| {
        update(notice().jump_list([JumpAction::new("title").mini_program(it)]))
    });
    needs_text("card_action.url", |it| {
        update(TextNotice::new(CardAction::url(it)).main_title(title()))
    });
    needs_text("card_action.appid", |it| {
        update(TextNotice::new(CardAction::mini_program(it)).main_title(title()))
    });
    needs_text("quote_area.url", |it| {
        update(notice().quote_area(QuoteArea::new().url(it)))
    });
    needs_text("vertical_content_list.title", |it| {
        update(news().vertical_content_list([VerticalContent::new(it)]))
    });
    needs_text("card_image.url", |it| {
        update(NewsNotice::new(title(), action()).card_image(CardImage::new(it)))
    });
    needs_text("image_text_area.image_url", |it| {
        update(NewsNotice::new(title(), action()).image_text_area(ImageTextArea::new(it)))
    });
    needs_text("button_list.text", |it| {
        update(ButtonInteraction::new(title(), [Button::new(it, "key")]))
    });
    needs_text("submit_button.text", |it| {
        let vote = VoteInteraction::new(title(), checkbox());
        update(vote.submit_button(SubmitButton::new(it, "key")))
    });
    needs_text("action_menu.action_list.text", |it| {
        update(notice().action_menu(ActionMenu::new("menu").action(it, "key")))
    });
    needs_text("option_list.text", |it| {
        update(VoteInteraction::new(
            title(),
            Checkbox::new("question").option("a", it),
        ))
    });
}

#[test]
fn parts_that_a_card_cannot_be_without() {
    is_refused(
        update(TextNotice::new(CardAction::default()).main_title(title())),
        "card_action is missing or empty",
    );
    is_refused(
        update(NewsNotice::new(title(), action())),
        "card_image is missing or empty",
    );
    let new = |card: TemplateCard| Reply::template_card(card);
    let menu = || ActionMenu::new("menu").action("text", "key");
    let vote = || VoteInteraction::new(title(), checkbox()).task_id("1");
    let form = || MultipleInteraction::new(title(), [selection("question")]);
    let submit = || SubmitButton::new("text", "key");
    let lack_task_id = "task_id is missing or empty";
    is_refused(new(buttons().into()), lack_task_id);
    is_refused(new(notice().action_menu(menu()).into()), lack_task_id);
    let vote_without_id = VoteInteraction::new(title(), checkbox()).submit_button(submit());
    is_refused(new(vote_without_id.into()), lack_task_id);
    let lack_button = "submit_button is missing or empty";
    is_refused(new(vote().into()), lack_button);
    is_refused(new(form().into()), lack_button);
    let stream = Stream::start("id", "");
    is_refused(
        Reply::stream_with_template_card(stream, buttons()),
        lack_task_id,
    );
    let whole: [TemplateCard; 6] = [
        notice().into(),
        news().into(),
        notice().action_menu(menu()).task_id("1").into(),
        buttons().task_id("1").into(),
        vote().submit_button(submit()).into(),
        form().submit_button(submit()).into(),
    ];
    for card in whole {
        assert!(new(card).is_ok());
    }
    // An update may lack all of these.
    for card in [buttons().into(), vote().into(), TemplateCard::from(form())] {
        assert!(update(card).is_ok());
    }
}

#[test]
fn keys_that_stand_twice() {
    let twice = [Button::new("Yes", "key"), Button::new("No", "key")];
    is_refused(
        update(ButtonInteraction::new(title(), twice)),
        "button_list.key is the same in two items",
    );
    let menu = ActionMenu::new("menu")
        .action("a", "key")
        .action("b", "key");
    is_refused(
        update(notice().action_menu(menu)),
        "action_menu.action_list.key is the same in two items",
    );
    let twice = Checkbox::new("question").option("a", "A").option("a", "B");
    is_refused(
        update(VoteInteraction::new(title(), twice)),
        "option_list.id is the same in two items",
    );
    is_refused(
        update(MultipleInteraction::new(
            title(),
            [selection("q"), selection("q")],
        )),
        "question_key is the same in two items",
    );
}

#[test]
fn numbers_and_characters() {
    let ratio = |ratio| update(news().card_image(CardImage::new("url").aspect_ratio(ratio)));
    assert!(ratio(1.3).is_ok() && ratio(2.25).is_ok());
    for broken in [1.29, 2.26, f64::NAN, f64::INFINITY] {
        is_refused(
            ratio(broken),
            "card_image.aspect_ratio has to be a number from 1.3 to 2.25",
        );
    }
    let style = |style| {
        let button = Button::new("text", "key").style(style);
        update(ButtonInteraction::new(title(), [button]))
    };
    assert!(style(1).is_ok() && style(4).is_ok());
    for broken in [0, 5] {
        is_refused(
            style(broken),
            "button_list.style has to be a number from 1 to 4",
        );
    }
    assert!(update(notice().task_id("Az09_-@")).is_ok());
    for broken in ["a b", "a.b", "任务"] {
        is_refused(
            update(notice().task_id(broken)),
            "task_id has to be digits, letters and `_-@` alone",
        );
    }
}

/// WeCom recommends lengths for visible texts. These are not limits.
#[test]
fn lengths_that_are_only_advised_are_not_checked() {
    let rows = [HorizontalContent::new("字".repeat(9)).value("字".repeat(99))];
    let long = notice()
        .main_title(MainTitle::new("字".repeat(99)).desc("字".repeat(99)))
        .sub_title_text("字".repeat(999))
        .horizontal_content_list(rows);
    assert!(update(long).is_ok());
}

#[test]
fn a_card_for_nobody_is_no_card_for_everybody() {
    let card = TextNotice::new(CardAction::url("https://www.example.com"))
        .main_title(MainTitle::new("Swapped"));
    let error = Reply::update_template_card_for(Vec::<String>::new(), card).unwrap_err();
    assert_eq!(error, ReplyError::Empty { field: "userids" });
}
