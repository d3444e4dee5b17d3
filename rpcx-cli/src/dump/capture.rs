//! `rpcx dump --pcap`: the frames in a file of captured packets.

use std::collections::HashMap;
use std::fs::File;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use etherparse::{LaxNetSlice, LaxSlicedPacket, TcpSlice, TransportSlice};
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};

use super::Printer;
use super::direction::{Direction, From};
use super::reassembly::Reassembly;
use crate::outcome::Outcome;

/// What is read of the file at once, and the longest block of it, in bytes.
const READ: usize = 1 << 20;

/// Prints the frames of a file. Only those of connections to `port`, if there is one.
pub(super) fn print(file: &Path, port: Option<u16>, printer: &Arc<Printer>) -> Result<(), Outcome> {
    let wrong = |text: &dyn std::fmt::Display| {
        Outcome::usage(format!("{}: {text}", file.display()))
            .hint("it has to be what `tcpdump -w FILE tcp port 8972` writes, pcap or pcapng")
    };
    let opened = File::open(file).map_err(|error| wrong(&error))?;
    let mut reader = create_reader(READ, opened).map_err(|error| wrong(&error))?;
    let mut capture = Capture {
        port,
        printer: Arc::clone(printer),
        links: Vec::new(),
        began: None,
        connections: HashMap::new(),
        number: 0,
    };
    loop {
        match reader.next() {
            Ok((offset, block)) => {
                capture.block(&block);
                reader.consume(offset);
            }
            Err(PcapError::Eof) => break,
            Err(PcapError::Incomplete(_)) => {
                reader.refill().map_err(|error| wrong(&error))?;
            }
            Err(error) => return Err(wrong(&error)),
        }
    }
    match capture.number {
        0 => Err(wrong(&"there is no connection of TCP in it")),
        _ => Ok(()),
    }
}

struct Capture {
    port: Option<u16>,
    printer: Arc<Printer>,
    /// The kinds of the links that packets are of.
    links: Vec<(Linktype, f64)>,
    began: Option<f64>,
    connections: HashMap<(SocketAddr, SocketAddr), Connection>,
    number: u64,
}

/// Both ways of a connection, from the client and from the server.
struct Connection {
    client: SocketAddr,
    ways: [(Reassembly, Direction); 2],
}

impl Capture {
    fn block(&mut self, block: &PcapBlockOwned<'_>) {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                let units = if header.is_nanosecond_precision() {
                    1e9
                } else {
                    1e6
                };
                self.links = vec![(header.network, units)];
            }
            PcapBlockOwned::Legacy(packet) => {
                let Some(&(link, units)) = self.links.first() else {
                    return;
                };
                let at = f64::from(packet.ts_sec) + f64::from(packet.ts_usec) / units;
                self.packet(link, at, packet.data);
            }
            PcapBlockOwned::NG(Block::SectionHeader(_)) => self.links.clear(),
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                let units = interface.ts_resolution().unwrap_or(1_000_000) as f64;
                self.links.push((interface.linktype, units));
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let link = self.links.get(packet.if_id as usize);
                let Some(&(link, units)) = link else { return };
                let ticks = (u64::from(packet.ts_high) << 32) | u64::from(packet.ts_low);
                let length = packet.data.len().min(packet.caplen as usize);
                self.packet(link, ticks as f64 / units, &packet.data[..length]);
            }
            PcapBlockOwned::NG(_) => {}
        }
    }

    fn packet(&mut self, link: Linktype, at: f64, data: &[u8]) {
        let began = *self.began.get_or_insert(at);
        self.printer.set(at - began);
        let sliced = match link {
            Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(data).ok(),
            // The address family, four bytes; four, six or two more bytes of Linux's cooked captures.
            Linktype::NULL | Linktype::LOOP => ip(data, 4),
            Linktype::LINUX_SLL => ip(data, 16),
            Linktype(276) => ip(data, 20),
            Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 | Linktype(12) => ip(data, 0),
            _ => None,
        };
        let Some(packet) = sliced else { return };
        let addresses: Option<(IpAddr, IpAddr)> = match &packet.net {
            Some(LaxNetSlice::Ipv4(ip)) => {
                let header = ip.header();
                let both = (header.source_addr(), header.destination_addr());
                Some((both.0.into(), both.1.into()))
            }
            Some(LaxNetSlice::Ipv6(ip)) => {
                let header = ip.header();
                let both = (header.source_addr(), header.destination_addr());
                Some((both.0.into(), both.1.into()))
            }
            _ => None,
        };
        if let (Some((from, to)), Some(TransportSlice::Tcp(tcp))) = (addresses, &packet.transport) {
            let from = SocketAddr::new(from, tcp.source_port());
            let to = SocketAddr::new(to, tcp.destination_port());
            self.segment(from, to, tcp);
        }
    }

    fn segment(&mut self, from: SocketAddr, to: SocketAddr, tcp: &TcpSlice<'_>) {
        if self
            .port
            .is_some_and(|port| ![from.port(), to.port()].contains(&port))
        {
            return;
        }
        let key = if from < to { (from, to) } else { (to, from) };
        let begins = tcp.syn() && !tcp.ack();
        if begins {
            // A port that is used again.
            self.connections.remove(&key);
        }
        if !self.connections.contains_key(&key) {
            if tcp.rst() || (tcp.payload().is_empty() && !tcp.syn()) {
                return;
            }
            let client = client(from, to, tcp, self.port);
            self.number += 1;
            let connection = Connection::new(client, self.number, &self.printer);
            self.connections.insert(key, connection);
        }
        let Some(connection) = self.connections.get_mut(&key) else {
            return;
        };
        if connection.segment(from, tcp) {
            self.connections.remove(&key);
        }
    }
}

/// A packet of IP behind so many bytes.
fn ip(data: &[u8], skip: usize) -> Option<LaxSlicedPacket<'_>> {
    LaxSlicedPacket::from_ip(data.get(skip..)?).ok()
}

/// The one that has opened the connection; where that is not in the capture, the one that does not have the port that is
/// looked at, and else the one with the greater port.
fn client(from: SocketAddr, to: SocketAddr, tcp: &TcpSlice<'_>, port: Option<u16>) -> SocketAddr {
    let from_is_client = match (tcp.syn(), port) {
        (true, _) => !tcp.ack(),
        (false, Some(port)) => to.port() == port,
        (false, None) => from.port() > to.port(),
    };
    if from_is_client { from } else { to }
}

impl Connection {
    fn new(client: SocketAddr, number: u64, printer: &Arc<Printer>) -> Self {
        let way = |from| {
            let direction = Direction::new(from, number, Arc::clone(printer));
            (Reassembly::default(), direction)
        };
        Self {
            client,
            ways: [way(From::Client), way(From::Server)],
        }
    }

    /// Whether the connection has ended.
    fn segment(&mut self, from: SocketAddr, tcp: &TcpSlice<'_>) -> bool {
        let (order, direction) = &mut self.ways[usize::from(from != self.client)];
        let mut number = tcp.sequence_number();
        if tcp.syn() {
            order.begin(number);
            number = number.wrapping_add(1);
        }
        let payload = Bytes::copy_from_slice(tcp.payload());
        match order.segment(number, payload) {
            Some(ready) => ready.iter().for_each(|bytes| direction.bytes(bytes)),
            None => {
                direction.missing();
                return true;
            }
        }
        if tcp.fin() {
            if order.has_gap() {
                direction.missing();
            }
            direction.end();
        }
        tcp.rst()
    }
}
