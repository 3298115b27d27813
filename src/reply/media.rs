use super::builder::{silent, texts};
use super::error::{ReplyError, at_most, count, required};
use crate::payload::{Node, Tree};

/// The maximum number of articles in a reply.
const ARTICLES_MAX: usize = 8;

/// A video, for [`Reply::video`](super::Reply::video). Document 90241.
///
/// ```
/// use tower_wecom::Reply;
/// use tower_wecom::reply::Video;
///
/// let tour = Video::new("media-id").title("Gate tour").description("Two minutes");
/// let answer = Reply::video(tour)?;
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "视频消息")]
pub struct Video {
    media_id: String,
    title: Option<String>,
    description: Option<String>,
}

impl Video {
    /// The video that was uploaded with this media id.
    #[doc(alias = "MediaId")]
    pub fn new(media_id: impl Into<String>) -> Self {
        Self {
            media_id: media_id.into(),
            title: None,
            description: None,
        }
    }

    texts! {
        /// The title. At most 128 bytes.
        #[doc(alias = "Title")]
        title,
        /// The description. At most 512 bytes.
        #[doc(alias = "Description")]
        description,
    }

    pub(super) fn check(&self) -> Result<(), ReplyError> {
        required("MediaId", Some(&self.media_id))?;
        check_texts(self.title.as_deref(), self.description.as_deref())
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree::default()
            .with("MediaId", "media_id", &self.media_id)
            .with("Title", "title", &self.title)
            .with("Description", "description", &self.description)
    }
}

impl<T: Into<String>> From<T> for Video {
    fn from(media_id: T) -> Self {
        Self::new(media_id)
    }
}

/// One article of [`Reply::news`](super::Reply::news). Document 90241.
///
/// ```
/// use tower_wecom::Reply;
/// use tower_wecom::reply::Article;
///
/// let rota = Article::new("Rota")
///     .description("Week 1")
///     .pic_url("https://img.example.com/1.png")
///     .url("https://www.example.com/1");
/// let answer = Reply::news([rota])?;
/// # Ok::<_, tower_wecom::ReplyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[doc(alias = "item")]
#[doc(alias = "图文消息")]
pub struct Article {
    title: String,
    description: Option<String>,
    pic_url: Option<String>,
    url: Option<String>,
}

impl Article {
    /// An article with this title. At most 128 bytes.
    #[doc(alias = "Title")]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            description: None,
            pic_url: None,
            url: None,
        }
    }

    texts! {
        /// The description. At most 512 bytes.
        #[doc(alias = "Description")]
        description,
        /// The URL of the picture, a JPG or PNG file. 1068 by 455 pixels for the first article, 150
        /// by 150 for the others.
        #[doc(alias = "PicUrl")]
        pic_url,
        /// The URL that a tap on the article opens.
        #[doc(alias = "Url")]
        url,
    }

    fn tree(&self) -> Tree<'_> {
        Tree::default()
            .xml("Title", &self.title)
            .xml("Description", &self.description)
            .xml("PicUrl", &self.pic_url)
            .xml("Url", &self.url)
    }
}

silent!(Article, Video);

pub(super) fn check_articles(articles: &[Article]) -> Result<(), ReplyError> {
    count(1..=ARTICLES_MAX, "Articles", articles.len())?;
    for article in articles {
        required("Title", Some(&article.title))?;
        check_texts(Some(&article.title), article.description.as_deref())?;
    }
    Ok(())
}

pub(super) fn articles_tree(articles: &[Article]) -> Tree<'_> {
    let items: Node<'_> = articles.iter().map(Article::tree).collect();
    let length = u64::try_from(articles.len()).unwrap_or(u64::MAX);
    Tree::default()
        .xml("ArticleCount", length)
        .xml("Articles", Tree::default().xml("item", items))
}

fn check_texts(title: Option<&str>, description: Option<&str>) -> Result<(), ReplyError> {
    at_most(Video::TITLE_MAX_BYTES, "Title", title.unwrap_or_default())?;
    let description = description.unwrap_or_default();
    at_most(Video::DESCRIPTION_MAX_BYTES, "Description", description)
}
