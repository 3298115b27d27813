//! What the app asks of WeCom's API, and a stand-in that runs in the process.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tower_wecom::tickets::StoredTicket;

/// The part of WeCom's API that a tenant table needs.
///
/// **To call the real one, implement this with an HTTP client.** Both methods begin with a `suite_access_token`, which is good
/// for two hours and should be kept that long (document 90600); the calls themselves are documents 90603 and 90604:
///
/// ```text
/// POST https://qyapi.weixin.qq.com/cgi-bin/service/get_suite_token
///      {"suite_id": …, "suite_secret": …, "suite_ticket": ticket.expose()}  → suite_access_token
///
/// permanent_code
/// POST https://qyapi.weixin.qq.com/cgi-bin/service/get_permanent_code?suite_access_token=…
///      {"auth_code": auth_code.expose()}  → permanent_code, auth_corp_info.corpid, auth_corp_info.corp_name
///
/// auth_info
/// POST https://qyapi.weixin.qq.com/cgi-bin/service/get_auth_info?suite_access_token=…
///      {"auth_corpid": corp_id, "permanent_code": permanent_code.expose()}  → auth_info.agent[0].privilege
/// ```
///
/// Every answer has an `errcode`; what is not 0 is an [`ApiError`]. Keep the URLs out of logs and errors: a token stands in
/// them.
pub trait Api: Send + Sync + 'static {
    /// Exchanges the code of `create_auth` or `reset_permanent_code`, which is good once and for ten minutes.
    ///
    /// # Errors
    ///
    /// If the API could not be reached, or refuses the code.
    fn permanent_code(
        &self,
        ticket: &StoredTicket,
        auth_code: &Hidden,
    ) -> impl Future<Output = Result<Authorisation, ApiError>> + Send;

    /// What a corp has authorised, as a line for people.
    ///
    /// # Errors
    ///
    /// If the API could not be reached, or refuses the permanent code.
    fn auth_info(
        &self,
        ticket: &StoredTicket,
        corp_id: &str,
        permanent_code: &Hidden,
    ) -> impl Future<Output = Result<String, ApiError>> + Send;
}

/// What the API tells about a corp that has authorised the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "an example has no next release")]
pub struct Authorisation {
    /// The corp, under the id that it has for this provider.
    pub corp_id: String,
    /// Its name.
    pub corp_name: String,
    /// The key to the corp's data.
    pub permanent_code: Hidden,
}

/// A text that no log may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Shows it.
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

/// Why the API has not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError(String);

impl ApiError {
    /// An error with a text without secrets.
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

/// An API without WeCom: each code that it has not seen is that of a new corp. Clones are the same API.
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
    /// What a code will be exchanged for.
    #[must_use]
    pub fn with_code(self, auth_code: &str, authorisation: Authorisation) -> Self {
        let auth_code = auth_code.to_owned();
        self.lock().prepared.insert(auth_code, authorisation);
        self
    }

    /// What a corp has authorised from now on.
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
