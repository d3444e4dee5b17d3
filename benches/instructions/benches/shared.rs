//! The message of the comparison with texts that share their memory.

use rpcx::Text;

#[rpcx::message]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct SharedMessage {
    pub field1: Text,
    pub field9: Option<Text>,
    pub field18: Option<Text>,
    pub field80: Option<bool>,
    pub field81: Option<bool>,
    pub field2: i32,
    pub field3: i32,
    pub field280: Option<i32>,
    pub field6: Option<i32>,
    pub field22: Option<i64>,
    pub field4: Option<Text>,
    pub field5: Vec<u64>,
    pub field59: Option<bool>,
    pub field7: Option<Text>,
    pub field16: Option<i32>,
    pub field130: Option<i32>,
    pub field12: Option<bool>,
    pub field17: Option<bool>,
    pub field13: Option<bool>,
    pub field14: Option<bool>,
    pub field104: Option<i32>,
    pub field100: Option<i32>,
    pub field101: Option<i32>,
    pub field102: Option<Text>,
    pub field103: Option<Text>,
    pub field29: Option<i32>,
    pub field30: Option<bool>,
    pub field60: Option<i32>,
    pub field271: Option<i32>,
    pub field272: Option<i32>,
    pub field150: Option<i32>,
    pub field23: Option<i32>,
    pub field24: Option<bool>,
    pub field25: Option<i32>,
    pub field78: Option<bool>,
    pub field67: Option<i32>,
    pub field68: Option<i32>,
    pub field128: Option<i32>,
    pub field129: Option<Text>,
    pub field131: Option<i32>,
}
