//! The code of the guides, compiled as doctests in both languages. The tests run the programs.

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/directory.md")]
struct Directory;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/zh/guides/directory.md")]
struct DirectoryInChinese;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/bot.md")]
struct Bot;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/zh/guides/bot.md")]
struct BotInChinese;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/approval.md")]
struct Approval;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/zh/guides/approval.md")]
struct ApprovalInChinese;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/welcome.md")]
struct Welcome;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/zh/guides/welcome.md")]
struct WelcomeInChinese;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/third-party.md")]
struct ThirdParty;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/zh/guides/third-party.md")]
struct ThirdPartyInChinese;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/replicas.md")]
struct Replicas;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/zh/guides/replicas.md")]
struct ReplicasInChinese;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/production.md")]
struct Production;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/zh/guides/production.md")]
struct ProductionInChinese;
