//! Types as JSON Schema: what the generator and the types of the standard library say about their values.
//!
//! A trait says what a type looks like, and generated code asks for it ([`Shaped`]): a type that says nothing, such as
//! one with derives of serde alone, has the schema of all values. Without the feature `reflection` nothing
//! of this is there, and generated code has nothing of it.

#[cfg(feature = "reflection")]
mod ask;
#[cfg(feature = "reflection")]
mod containers;
#[cfg(feature = "reflection")]
mod json;
#[cfg(feature = "reflection")]
mod methods;
#[cfg(feature = "reflection")]
mod names;
#[cfg(feature = "reflection")]
mod scalars;
#[cfg(feature = "reflection")]
mod schemas;
#[cfg(not(feature = "reflection"))]
#[path = "no_slot.rs"]
mod slot;
#[cfg(feature = "reflection")]
mod slot;

#[cfg(feature = "reflection")]
pub use self::ask::{ByParts, Failing, Part, Shaped, Silent, Unknown};
#[cfg(feature = "reflection")]
pub use self::json::Json;
#[cfg(feature = "reflection")]
pub(crate) use self::methods::MethodSchemas;
#[cfg(feature = "reflection")]
pub use self::methods::{ErrorInfo, ErrorInfos, Methods};
#[cfg(feature = "reflection")]
pub(crate) use self::schemas::Resolved;
#[cfg(feature = "reflection")]
pub use self::schemas::{JsonSchema, Property, Schemas};
pub(crate) use self::slot::Slot;
