//! The pages of the repository, and where their links lead.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::page::Page;

const REPOSITORY: &str = "https://github.com/tower-wecom/tower-wecom/";

pub(crate) struct Site(BTreeMap<String, Page>);

impl Site {
    /// All pages below `docs/`, and each `README.md` and `README.zh-CN.md` of a package.
    pub(crate) fn read(root: &Path) -> Self {
        let mut pages = Vec::new();
        walk(root, &mut pages);
        Self::of(pages)
    }

    pub(crate) fn of(pages: impl IntoIterator<Item = Page>) -> Self {
        Self(
            pages
                .into_iter()
                .map(|page| (page.path.clone(), page))
                .collect(),
        )
    }

    pub(crate) fn pages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn page(&self, path: &str) -> Option<&Page> {
        self.0.get(path)
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// The path of the Chinese page of an English page.
    pub(crate) fn chinese(english: &str) -> String {
        match english.strip_prefix("docs/") {
            Some(name) => format!("docs/zh/{name}"),
            None => english.replace("README.md", "README.zh-CN.md"),
        }
    }

    /// The path of the English page, if the path is that of a Chinese page.
    pub(crate) fn english(path: &str) -> Option<String> {
        let in_docs = path
            .strip_prefix("docs/zh/")
            .map(|name| format!("docs/{name}"));
        let beside = path
            .strip_suffix("README.zh-CN.md")
            .map(|folder| format!("{folder}README.md"));
        in_docs.or(beside)
    }
}

/// The path in the repository that a link leads to, with its anchor. A folder is its README. A link
/// to another site is left as it is.
pub(crate) fn target(page: &str, link: &str) -> String {
    let in_repository = link.strip_prefix(REPOSITORY).and_then(|rest| {
        let path = rest.strip_prefix("blob/main/");
        path.or_else(|| rest.strip_prefix("tree/main/"))
    });
    let (folder, link) = match in_repository {
        Some(path) => ("", path),
        None if link.contains("://") || link.starts_with("mailto:") => return link.into(),
        None if link.starts_with('#') => return format!("{page}{link}"),
        None => (page.rsplit_once('/').map_or("", |(folder, _)| folder), link),
    };
    let (path, anchor) = link.split_at(link.find('#').unwrap_or(link.len()));
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let readme = format!("{path}/README.md");
    let is_folder = Path::new(&readme).exists();
    format!("{}{anchor}", if is_folder { readme } else { path })
}

/// The links of a page to a file that does not exist, or to a heading that the page there lacks.
pub(crate) fn broken(site: &Site, page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for section in &site.page(page).unwrap().sections {
        for link in &section.links {
            let target = target(page, link);
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let heading = &section.heading;
            match site.page(path) {
                Some(to) if !anchor.is_empty() && !to.has_anchor(anchor) => found.push(format!(
                    "{page}, `{heading}`: the link to `{link}` is broken. {path} has no such heading."
                )),
                None if !target.contains("://") && !Path::new(path).exists() => found.push(format!(
                    "{page}, `{heading}`: the link to `{link}` is broken. {path} does not exist."
                )),
                _ => {}
            }
        }
    }
    found
}

fn walk(folder: &Path, pages: &mut Vec<Page>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let place = path.strip_prefix(".").unwrap_or(&path).to_str().unwrap();
        let is_page = place.starts_with("docs/") && name.ends_with(".md")
            || matches!(name, "README.md" | "README.zh-CN.md")
                && path.with_file_name("Cargo.toml").exists();
        if path.is_dir() && is_walked(place) {
            walk(&path, pages);
        } else if is_page {
            pages.push(Page::read(place, &fs::read_to_string(&path).unwrap()));
        }
    }
}

fn is_walked(place: &str) -> bool {
    ["docs", "crates"]
        .iter()
        .any(|root| place.starts_with(root))
}
