//! The calls to WeCom's API, and a fake API in the same process.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tower_wecom::tickets::StoredTicket;

/// The part of WeCom's API that the tenant table needs.
///
/// **To call the real API, implement this trait with an HTTP client.** Both methods first need a
/// `suite_access_token`, which is valid for two hours and should be cached that long (document
/// 90600). The calls themselves are in documents 90603 and 90604:
///
/// ```text
/// POST https://qyapi.weixin.qq.com/cgi-bin/service/get_suite_token
///      {"suite_id": …, "suite_secret": …, "suite_ticket": ticket.expose()}  → suite_access_token
///
/// permanent_code
/// POST https://qyapi.weixin.qq.com/cgi-bin/service/get_permanent_code?suite_access_token=…
///      {"auth_code": auth_code.expose()}
///      → permanent_code, auth_corp_info.corpid, auth_corp_info.corp_name
///
/// auth_info
/// POST https://qyapi.weixin.qq.com/cgi-bin/service/get_auth_info?suite_access_token=…
///      {"auth_corpid": corp_id, "permanent_code": permanent_code.expose()}
///      → auth_info.agent[0].privilege
/// ```
///
/// Every response has an `errcode`. A value other than 0 is an [`ApiError`]. Keep the URLs out of
/// logs and errors, because they contain a token.
pub trait Api: Send + Sync + 'static {
    /// Exchanges the code of `create_auth` or `reset_permanent_code`. A code is valid once, and for
    /// ten minutes.
    ///
    /// # Errors
    ///
    /// If the API cannot be reached, or rejects the code.
    fn permanent_code(
        &self,
        ticket: &StoredTicket,
        auth_code: &Hidden,
    ) -> impl Future<Output = Result<Authorisation, ApiError>> + Send;

    /// Returns what a corp has authorised, as a readable line.
    ///
    /// # Errors
    ///
    /// If the API cannot be reached, or rejects the permanent code.
    fn auth_info(
        &self,
        ticket: &StoredTicket,
        corp_id: &str,
        permanent_code: &Hidden,
    ) -> impl Future<Output = Result<String, ApiError>> + Send;
}

/// What the API returns about a corp that has authorised the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "an example has no next release")]
pub struct Authorisation {
    /// The id of the corp, which is specific to this provider.
    pub corp_id: String,
    /// Its name.
    pub corp_name: String,
    /// The credential for the corp's data.
    pub permanent_code: Hidden,
}

/// A secret text. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Wraps a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError(String);

impl ApiError {
    /// An error with a text. The text must not contain secrets.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ApiError {}

/// An API without WeCom. It returns a new corp for each unknown code. All clones share their state.
#[derive(Clone, Debug, Default)]
pub struct FakeApi(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    prepared: HashMap<String, Authorisation>,
    used: HashSet<String>,
    permanent_codes: HashMap<String, Hidden>,
    scopes: HashMap<String, String>,
}

impl FakeApi {
    /// Sets the result for a code.
    #[must_use]
    pub fn with_code(self, auth_code: &str, authorisation: Authorisation) -> Self {
        let auth_code = auth_code.to_owned();
        self.lock().prepared.insert(auth_code, authorisation);
        self
    }

    /// Sets what a corp has authorised.
    pub fn set_scope(&self, corp_id: &str, scope: &str) {
        let mut state = self.lock();
        state.scopes.insert(corp_id.to_owned(), scope.to_owned());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Api for FakeApi {
    async fn permanent_code(
        &self,
        _: &StoredTicket,
        auth_code: &Hidden,
    ) -> Result<Authorisation, ApiError> {
        let mut state = self.lock();
        if !state.used.insert(auth_code.expose().to_owned()) {
            return Err(ApiError::new("the code is used up"));
        }
        let number = state.used.len();
        let prepared = state.prepared.remove(auth_code.expose());
        let authorisation = prepared.unwrap_or_else(|| Authorisation {
            corp_id: format!("wpDemo{number}"),
            corp_name: format!("Demo {number}"),
            permanent_code: Hidden::new(format!("permanent-code-{number}")),
        });
        let Authorisation {
            corp_id,
            permanent_code,
            ..
        } = authorisation.clone();
        state.permanent_codes.insert(corp_id, permanent_code);
        Ok(authorisation)
    }

    async fn auth_info(
        &self,
        _: &StoredTicket,
        corp_id: &str,
        permanent_code: &Hidden,
    ) -> Result<String, ApiError> {
        let state = self.lock();
        if state.permanent_codes.get(corp_id) != Some(permanent_code) {
            return Err(ApiError::new("the permanent code is wrong"));
        }
        Ok(state.scopes.get(corp_id).cloned().unwrap_or_default())
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}
