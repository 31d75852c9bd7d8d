//! Connections that one address may have at once.

use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown};
use std::sync::{Arc, Mutex, PoisonError};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use ipnet::IpNet;
use masthead_domain::limit::place;

/// Counts the connections of each address, and closes those that are too many as soon as they are made.
pub struct Connections {
    open: Mutex<HashMap<String, u32>>,
    limit: u32,
    exempt: Vec<IpNet>,
}

/// One that is counted for as long as it is open.
struct Open {
    all: Arc<Connections>,
    place: String,
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.all.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.place) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.place);
            }
        }
    }
}

impl Connections {
    /// At most so many of each address, without a limit where it is 0; a proxy that is trusted stands for everybody
    /// behind it.
    #[must_use]
    pub fn new(limit: u32, exempt: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self {
            open: Mutex::default(),
            limit,
            exempt,
        })
    }

    /// Counts a connection that was just made.
    pub fn begun(self: &Arc<Self>, connection: &dyn Any, extensions: &mut Extensions) {
        let plain = connection.downcast_ref::<TcpStream>();
        let within = || connection.downcast_ref::<TlsStream<TcpStream>>();
        let Some(stream) = plain.or_else(|| Some(within()?.get_ref().0)) else {
            return;
        };
        let Ok(peer) = stream.peer_addr() else { return };
        match self.enter(peer.ip().to_canonical()) {
            Some(Ok(open)) => {
                extensions.insert(open);
            }
            Some(Err(())) => {
                // Nothing was read yet, so there is nothing to answer to.
                let _ = socket2::SockRef::from(stream).shutdown(Shutdown::Both);
            }
            None => {}
        }
    }

    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Result<Open, ()>> {
        if self.limit == 0 || self.exempt.iter().any(|network| network.contains(&address)) {
            return None;
        }
        let place = place(Some(address));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(place.clone()).or_insert(0);
        if *count >= self.limit {
            return Some(Err(()));
        }
        *count += 1;
        Some(Ok(Open {
            all: Arc::clone(self),
            place,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_and_others_have_their_own() {
        let all = Connections::new(2, vec!["10.0.0.0/8".parse().unwrap()]);
        let enter = |text: &str| all.enter(text.parse().unwrap());
        let first = enter("192.0.2.1").unwrap().unwrap();
        let second = enter("192.0.2.1").unwrap().unwrap();
        assert!(enter("192.0.2.1").unwrap().is_err());
        assert!(enter("192.0.2.2").unwrap().is_ok());
        for _ in 0..10 {
            assert!(enter("10.1.2.3").is_none(), "a trusted proxy is not counted");
        }
        drop(first);
        let third = enter("192.0.2.1").unwrap();
        assert!(third.is_ok());
        drop((second, third));
        assert!(all.open.lock().unwrap().is_empty(), "what is over is forgotten");
        assert!(
            Connections::new(0, Vec::new())
                .enter("192.0.2.1".parse().unwrap())
                .is_none()
        );
    }
}
