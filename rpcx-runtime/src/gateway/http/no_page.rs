//! Stands in for `page` where the feature `page` is off.

use http::Response;

use super::asked::Asked;
use super::entry::Entry;
use super::reply::ResponseBody;

/// There is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown;

impl Shown {
    pub(super) const DEFAULT: Self = Self;
}

/// No page.
pub(super) fn answer(entry: &Entry, _: &Asked<'_>) -> Option<Response<ResponseBody>> {
    let Shown = entry.site.http.page;
    None
}
