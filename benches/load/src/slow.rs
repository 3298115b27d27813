//! Slow connections, which send a byte a second.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::client::parse;
use crate::genuine::{Genuine, wire};

/// A connection that is still open after this time was not closed by the server.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The allowed delay on a busy machine.
const TOLERANCE: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Sends the headers at a byte a second.
    Headers,
    /// Sends the headers at once and the body at a byte a second.
    Body,
    /// Sends nothing.
    Silent,
}

impl Kind {
    /// The deadline of `examples/axum.rs` for this kind.
    fn deadline(self) -> Duration {
        match self {
            Self::Headers | Self::Silent => Duration::from_secs(5),
            Self::Body => Duration::from_secs(4),
        }
    }
}

/// The connections of one kind.
pub(crate) struct Cut {
    kind: Kind,
    all: usize,
    /// How long the closed connections lasted.
    lasted: Vec<Duration>,
    /// How many were answered 408 before they were closed.
    answered: usize,
}

impl Cut {
    pub(crate) fn holds(&self) -> bool {
        // The lower bound detects a server that closes all connections at once.
        let deadline = self.kind.deadline();
        let in_time = deadline.saturating_sub(Duration::from_secs(1))..=deadline + TOLERANCE;
        let is_in_time = |lasted: &Duration| in_time.contains(lasted);
        // A late body gets a 408.
        let is_answered = self.kind != Kind::Body || self.answered == self.all;
        self.lasted.len() == self.all && self.lasted.iter().all(is_in_time) && is_answered
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Kind::Headers => "headers, a byte a second",
            Kind::Body => "bodies, a byte a second",
            Kind::Silent => "nothing at all",
        };
        let (all, cut) = (self.all, self.lasted.len());
        write!(f, "{what}: {cut} of {all} were cut")?;
        let (Some(first), Some(last)) = (self.lasted.iter().min(), self.lasted.iter().max()) else {
            return write!(f, " within {} s", TIMEOUT.as_secs());
        };
        let (first, last) = (first.as_secs_f64(), last.as_secs_f64());
        write!(f, ", after {first:.1} to {last:.1} s")?;
        match self.answered {
            0 => Ok(()),
            answered => write!(f, ", {answered} of them with 408"),
        }
    }
}

/// Opens `strangers` connections, a third of each kind.
pub(crate) async fn run(address: SocketAddr, strangers: usize) -> Vec<Cut> {
    let genuine = Genuine::new();
    let mut tasks = JoinSet::new();
    for number in 0..strangers {
        let kind = [Kind::Headers, Kind::Body, Kind::Silent][number % 3];
        let request = wire(&genuine.request(number), "/wecom");
        let head = request.windows(4).position(|four| four == b"\r\n\r\n");
        let at_once = match kind {
            Kind::Body => head.map_or(0, |at| at + 4),
            Kind::Headers | Kind::Silent => 0,
        };
        // Opened one by one, because the queue of the kernel is limited. The kernel would accept
        // some of them and drop them later, so the server would never see the silent ones.
        let pause = Duration::from_millis(1) * u32::try_from(number).unwrap_or(u32::MAX);
        tasks.spawn(async move {
            sleep(pause).await;
            (kind, one(address, kind, &request, at_once).await)
        });
    }
    let ended = tasks.join_all().await;
    let of = |kind: Kind| {
        let ends: Vec<_> = ended.iter().filter(|(of, _)| *of == kind).collect();
        Cut {
            kind,
            all: ends.len(),
            answered: ends
                .iter()
                .filter(|(_, end)| end.is_some_and(|end| end.1))
                .count(),
            lasted: ends
                .iter()
                .filter_map(|(_, end)| end.map(|end| end.0))
                .collect(),
        }
    };
    [Kind::Headers, Kind::Body, Kind::Silent].map(of).into()
}

/// How long the connection lasted until the server closed it, and whether a 408 came before.
async fn one(
    address: SocketAddr,
    kind: Kind,
    request: &[u8],
    at_once: usize,
) -> Option<(Duration, bool)> {
    let stream = TcpStream::connect(address).await.ok()?;
    let start = Instant::now();
    let (mut reader, mut writer) = stream.into_split();
    let mut answer = Vec::new();
    let dripping = async {
        let _ = writer.write_all(&request[..at_once]).await;
        for byte in &request[at_once..] {
            sleep(Duration::from_secs(1)).await;
            // If the server has closed the connection, the reader detects it.
            if kind != Kind::Silent && writer.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let cut = async {
        // A reset counts as closed too.
        let _ = reader.read_to_end(&mut answer).await;
    };
    let until_cut = async {
        tokio::select! {
            () = dripping => {}
            () = cut => {}
        }
    };
    timeout(TIMEOUT, until_cut).await.ok()?;
    let lasted = start.elapsed();
    Some((
        lasted,
        parse(&answer).is_some_and(|answer| answer.status == 408),
    ))
}
