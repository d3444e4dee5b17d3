//! Registries by URL, as they stand in configuration.

use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use super::metadata::decode_metadata;
use crate::error::{Error, Result};

/// `scheme://user:password@host:port,host:port/base?option=value`, read into its parts. The password is
/// never shown, neither here nor in errors.
///
/// ```
/// use rpcx::discovery::RegistryUrl;
///
/// let url: RegistryUrl = "etcd://10.0.0.1:2379,10.0.0.2/rpcx_test?interval=3s".parse()?;
/// assert_eq!((&*url.scheme, &*url.base), ("etcd", "/rpcx_test"));
/// assert_eq!(url.hosts(2379)?, ["10.0.0.1:2379", "10.0.0.2:2379"]);
/// # Ok::<(), rpcx::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct RegistryUrl {
    /// What stands before `://`, in small letters.
    pub scheme: String,
    /// What stands before the `@`, if anything, without the password.
    pub user: Option<String>,
    /// What stands between the user's `:` and the `@`.
    pub password: Option<String>,
    /// What stands between that and the path.
    pub authority: String,
    /// The path, with its leading slash and without a slash at the end; empty if there is none.
    pub base: String,
    /// What stands behind the `?`.
    pub options: Vec<(String, String)>,
    /// All that stands between `://` and the options.
    pub(super) rest: String,
}

impl std::str::FromStr for RegistryUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some((scheme, rest)) = text.split_once("://") else {
            // It may hold a password all the same.
            return Err(Error::setup(
                "a registry URL begins with its scheme: write `etcd://10.0.0.1:2379/rpcx`",
            ));
        };
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, base) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (credentials, authority) = match authority.rsplit_once('@') {
            Some((credentials, authority)) => (Some(credentials), authority),
            None => (None, authority),
        };
        let (user, password) = match credentials.map(|both| both.split_once(':').ok_or(both)) {
            None => (None, None),
            Some(Err(user)) => (Some(user), None),
            Some(Ok((user, password))) => (Some(user), Some(password)),
        };
        let user = user.filter(|user| !user.is_empty());
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Ok(Self {
            scheme: scheme.to_ascii_lowercase(),
            user: user.map(decode),
            password: password.map(decode),
            authority: authority.to_owned(),
            base: decode(base).trim_end_matches('/').to_owned(),
            options: decode_metadata(options),
            rest: rest.to_owned(),
        })
    }
}

impl RegistryUrl {
    /// `host:port` of each, in their order; those without a port get this one.
    ///
    /// # Errors
    /// If there is none, or one of them cannot be read.
    pub fn hosts(&self, port: u16) -> Result<Vec<String>> {
        let hosts = self.authority.split(',');
        hosts.map(|host| self.host(host, port)).collect()
    }

    fn host(&self, host: &str, port: u16) -> Result<String> {
        let (name, own) = match host.rsplit_once(':') {
            // The colons of an IPv6 address are in brackets.
            Some((name, own)) if !own.ends_with(']') => (name, Some(own)),
            _ => (host, None),
        };
        let bracketed = name.starts_with('[') && name.ends_with(']');
        if name.is_empty() || (name.contains(':') && !bracketed) {
            return Err(self.mistake(format!("`{host}` is not `host:port`")));
        }
        match own.map(str::parse::<u16>) {
            None => Ok(format!("{name}:{port}")),
            Some(Ok(own)) if own > 0 => Ok(format!("{name}:{own}")),
            Some(_) => Err(self.mistake(format!("`{host}` has no port from 1 to 65535"))),
        }
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        let mut options = self.options.iter();
        let found = options.find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The same, which is not an option any more.
    pub(super) fn take_option(&mut self, name: &str) -> Option<String> {
        let at = self.options.iter().position(|(key, _)| key == name)?;
        Some(self.options.remove(at).1)
    }

    /// The value of an option that is a time: `500ms`, `3s`, `2m`.
    ///
    /// # Errors
    /// If it is none, or zero.
    pub fn duration(&self, name: &str) -> Result<Option<Duration>> {
        let Some(text) = self.option(name) else {
            return Ok(None);
        };
        let time = parse_duration(text).filter(|time| !time.is_zero());
        let wrong = || {
            self.mistake(format!(
                "`{name}={text}` is no time such as `500ms` or `3s`"
            ))
        };
        time.map(Some).ok_or_else(wrong)
    }

    /// Refuses options that are not among these.
    ///
    /// # Errors
    /// If there are any.
    pub fn check_options(&self, known: &[&str]) -> Result<()> {
        let unknown = self
            .options
            .iter()
            .find(|(key, _)| !known.contains(&&**key));
        let Some((unknown, _)) = unknown else {
            return Ok(());
        };
        let known = match known {
            [] => "it has none".to_owned(),
            known => format!("there are `{}`", known.join("`, `")),
        };
        Err(self.mistake(format!("the option `{unknown}` is not known: {known}")))
    }

    /// User and password, for a registry whose users have one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if one of them is missing.
    pub fn credentials(&self) -> Result<Option<(String, String)>> {
        match (&self.user, &self.password) {
            (None, None) => Ok(None),
            (Some(user), Some(password)) => Ok(Some((user.clone(), password.clone()))),
            _ => Err(self.mistake(format!(
                "a user has a password: write `{}://user:password@host`",
                self.scheme
            ))),
        }
    }

    /// An error about this URL.
    pub fn mistake(&self, what: impl fmt::Display) -> Error {
        Error::setup(format!("the registry URL `{self}`: {what}"))
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let scale = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(scale).map(Duration::from_millis)
}

/// Without the password.
impl fmt::Display for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        match (&self.user, &self.password) {
            (None, None) => {}
            (user, None) => write!(f, "{}@", user.as_deref().unwrap_or_default())?,
            (user, Some(_)) => write!(f, "{}:***@", user.as_deref().unwrap_or_default())?,
        }
        write!(f, "{}{}", self.authority, self.base)
    }
}

impl fmt::Debug for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RegistryUrl")
            .field(&self.to_string())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> RegistryUrl {
        text.parse().unwrap()
    }

    #[test]
    fn all_parts_are_read() {
        let url = url("Redis://ann:p%40ss@[::1]:6379,h/rpcx/test/?interval=500ms&tls=on");
        assert_eq!((&*url.scheme, url.user.as_deref()), ("redis", Some("ann")));
        assert_eq!(url.password.as_deref(), Some("p@ss"));
        assert_eq!(url.hosts(1).unwrap(), ["[::1]:6379", "h:1"]);
        assert_eq!(url.base, "/rpcx/test");
        assert_eq!(
            url.duration("interval").unwrap(),
            Some(Duration::from_millis(500))
        );
        assert_eq!(
            (url.option("tls"), url.duration("ttl").unwrap()),
            (Some("on"), None)
        );
        assert_eq!(url.to_string(), "redis://ann:***@[::1]:6379,h/rpcx/test");
        let nameless = self::url("redis://:secret@h");
        assert_eq!(
            (nameless.user, nameless.password.as_deref()),
            (None, Some("secret"))
        );
        assert_eq!(self::url("etcd://[::1]/x").hosts(7).unwrap(), ["[::1]:7"]);
    }

    #[test]
    fn what_is_wrong_is_said_and_the_password_is_not() {
        for host in ["", "h,", "h:0", "h:x", "h:99999", "::1", ":1"] {
            let error = url(&format!("etcd://u:secret@{host}/x"))
                .hosts(1)
                .unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        for time in ["3", "s", "0s", "-1s", "1d", "99999999999999999999s", ""] {
            let error = url(&format!("etcd://h?ttl={time}"))
                .duration("ttl")
                .unwrap_err();
            assert!(error.to_string().contains("ttl="), "{error}");
        }
        let error = url("etcd://u:secret@h/x?tls=1&tll=3s").check_options(&["ttl", "tls"]);
        assert_eq!(
            error.unwrap_err().message(),
            "the registry URL `etcd://u:***@h/x`: the option `tll` is not known: there are `ttl`, `tls`"
        );
        let error = "10.0.0.1:2379".parse::<RegistryUrl>().unwrap_err();
        assert!(error.message().contains("scheme"), "{error}");
    }
}
