//! The messages that members of the group send each other.

use std::net::Ipv4Addr;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::{A, PTR, SRV, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::entry::{self, Entry};

/// The type of all servers.
const SERVICE: &str = "_rpcxservices";

/// The name under which types of services are asked for.
const TYPES: [&str; 3] = ["_services", "_dns-sd", "_udp"];

/// How long a record is true, in seconds: as in Go.
const TTL: u32 = 3200;

/// The same for addresses.
const ADDRESS_TTL: u32 = 120;

/// The names of a domain.
pub(super) struct Names {
    domain: Name,
    /// `_rpcxservices.local.`
    service: Name,
    types: Option<Name>,
}

/// What an instance has to say.
pub(super) struct Instance {
    name: Name,
    host: Name,
    port: u16,
    strings: Vec<String>,
}

/// Entries of a server that are there, or not any more.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    There(Entry),
    Gone(Entry),
}

impl Names {
    /// None if the domain leaves no room for the names.
    pub(super) fn new(domain: &Name) -> Option<Self> {
        let of =
            |labels: &[&str]| Name::from_labels(labels.iter().map(|label| label.as_bytes())).ok();
        let within = |labels: &[&str]| of(labels)?.append_domain(domain).ok();
        Some(Self {
            domain: domain.clone(),
            service: within(&[SERVICE])?,
            types: within(&TYPES),
        })
    }

    /// Asks for all servers.
    pub(super) fn question(&self) -> Message {
        let mut message = Message::new(0, MessageType::Query, OpCode::Query);
        message.add_query(Query::query(self.service.clone(), RecordType::PTR));
        message
    }

    /// Whether a message asks for what these instances have.
    pub(super) fn is_asked(&self, message: &Message, instances: &[Instance]) -> bool {
        let asked = |query: &Query| {
            let name = query.name();
            *name == self.service
                || Some(name) == self.types.as_ref()
                || instances
                    .iter()
                    .any(|instance| instance.name == *name || instance.host == *name)
        };
        message.metadata.message_type == MessageType::Query && message.queries.iter().any(asked)
    }

    /// What a message says of servers.
    pub(super) fn said(&self, message: &Message) -> Vec<Said> {
        if message.metadata.message_type != MessageType::Response {
            return Vec::new();
        }
        let records = message.answers.iter().chain(&message.additionals);
        let of_servers = records.filter(|record| self.service.zone_of(&record.name));
        let said = of_servers.filter_map(|record| {
            let RData::TXT(text) = &record.data else {
                return None;
            };
            let entries = entry::read(text.txt_data.iter().map(|string| &**string))?;
            let gone = record.ttl == 0;
            Some(entries.into_iter().map(move |entry| match gone {
                true => Said::Gone(entry),
                false => Said::There(entry),
            }))
        });
        said.flatten().collect()
    }

    /// An instance with these strings, whose name is its own.
    pub(super) fn instance(
        &self,
        label: &str,
        port: u16,
        strings: Vec<String>,
    ) -> Option<Instance> {
        let label = Name::from_labels([label.as_bytes()]).ok()?;
        Some(Instance {
            name: label.clone().append_domain(&self.service).ok()?,
            host: label.append_domain(&self.domain).ok()?,
            port,
            strings,
        })
    }

    /// All that an instance has to say, or, as its last word, that none of it is true any more. `anew`: what was
    /// known of it before is to be forgotten.
    pub(super) fn announcement(
        &self,
        instance: &Instance,
        at: &[Ipv4Addr],
        anew: bool,
        last: bool,
    ) -> Message {
        let mut message = Message::new(0, MessageType::Response, OpCode::Query);
        message.metadata.authoritative = true;
        let ttl = |seconds| if last { 0 } else { seconds };
        let shared = |name: &Name, target: &Name| {
            Record::from_rdata(name.clone(), ttl(TTL), RData::PTR(PTR(target.clone())))
        };
        let own = |name: &Name, seconds, data| {
            let mut record = Record::from_rdata(name.clone(), ttl(seconds), data);
            record.mdns_cache_flush = anew;
            record
        };
        let service = SRV::new(0, 0, instance.port, instance.host.clone());
        message.add_answer(shared(&self.service, &instance.name));
        if let Some(types) = &self.types {
            message.add_answer(shared(types, &self.service));
        }
        message.add_additional(own(&instance.name, TTL, RData::SRV(service)));
        let text = RData::TXT(TXT::new(instance.strings.clone()));
        message.add_additional(own(&instance.name, TTL, text));
        for address in at {
            let address = RData::A(A(*address));
            message.add_additional(own(&instance.host, ADDRESS_TTL, address));
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            service: "Arith".to_owned(),
            meta: "weight=7".to_owned(),
            service_address: "tcp@127.0.0.1:1".to_owned(),
        }
    }

    #[test]
    fn what_is_announced_is_read() {
        let names = Names::new(&"local.".parse().unwrap()).unwrap();
        let strings = entry::write(&[entry()]).remove(0);
        let instance = names.instance("a-1", 1, strings).unwrap();
        assert_eq!(instance.name.to_string(), "a-1._rpcxservices.local.");
        let read = |message: Message| Message::from_vec(&message.to_vec().unwrap()).unwrap();
        let message =
            |last| read(names.announcement(&instance, &[Ipv4Addr::LOCALHOST], true, last));
        assert_eq!(names.said(&message(false)), [Said::There(entry())]);
        assert_eq!(names.said(&message(true)), [Said::Gone(entry())]);
        let question = read(names.question());
        assert!(names.is_asked(&question, &[instance]));
        assert!(names.said(&question).is_empty());
        assert!(!names.is_asked(&message_of_others(), &[]));
    }

    fn message_of_others() -> Message {
        Names::new(&"elsewhere.".parse().unwrap())
            .unwrap()
            .question()
    }
}
