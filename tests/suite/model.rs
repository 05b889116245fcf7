//! A model switch: plain sockets and threads around a world and its ledger, with faults on request.
//!
//! Not our sandbox, and shares nothing with it: what both get wrong would not be found.

use std::io::Read;
use std::net::Shutdown;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::chaos;
use super::chaos::Afterwards;
use super::chaos::Fault;
use super::ledger::End;
use super::ledger::Ledger;
use super::world::Act;
use super::world::Call;
use super::world::PASSWORD;
use super::world::World;

/// Where switches listen: nobody else binds here, so that a port is still free when one listens again.
const HOST: &str = if cfg!(target_os = "linux") { "127.0.0.2" } else { "127.0.0.1" };

/// Longest request.
const REQUEST_BYTES_MAX: usize = 16 << 10;

/// How often a switch tries to listen again where it did before.
const BINDS_MAX: usize = 5_000;

/// While something comes that cannot be waited for otherwise.
const MOMENT: Duration = Duration::from_millis(1);

/// What is done with a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deal {
    pub fault: Fault,
    pub act: Act,
    pub afterwards: Afterwards,
    /// Nobody listens for so long, from before the answer on.
    pub shut: Option<Duration>,
}

impl Deal {
    /// It is carried out and answered.
    pub(super) const FAIR: Self =
        Self { fault: Fault::None, act: Act::CarryOut, afterwards: Afterwards::Kept, shut: None };
}

/// Decides what is done with the call that arrived as the nth.
pub(super) type Weather = dyn Fn(usize, &Call) -> Deal + Send + Sync;

/// A model switch, which runs as long as it is held.
pub(super) struct Switch {
    pub url: String,
    pub ledger: Arc<Ledger>,
    door: Arc<Door>,
}

/// Where connections come in.
struct Door {
    address: SocketAddr,
    state: Mutex<DoorState>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum DoorState {
    Open,
    Closing(Duration),
    Closed,
    Gone,
}

impl Switch {
    /// A switch with these mailboxes, where it is always fair weather.
    pub(super) fn fair(world: World) -> Self {
        Self::start(world, |_, _| Deal::FAIR)
    }

    /// A switch with these mailboxes, which does with each call what the weather says.
    pub(super) fn start(
        world: World,
        weather: impl Fn(usize, &Call) -> Deal + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((HOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Mutex::new(DoorState::Open);
        let door = Arc::new(Door { address, state, changed: Condvar::new() });
        let ledger = Arc::new(Ledger::default());
        ledger.lock().world = world;
        let served = Served {
            ledger: Arc::clone(&ledger),
            door: Arc::clone(&door),
            weather: Arc::new(weather),
        };
        thread::spawn(move || listen(listener, &served));
        Self { url: format!("http://{address}"), ledger, door }
    }

    /// Lets nobody in for so long, as a switch that is started again; calls on open connections are reset.
    pub(super) fn shut(&self, time: Duration) {
        self.door.shut(time);
    }
}

impl Switch {
    /// Waits until all that dead clients wrote was read. Connections are taken in their order: once one is that says
    /// nothing, all earlier ones are.
    pub(super) fn wait_for_silence(&self, patience: Duration) -> bool {
        let mut last = TcpStream::connect(self.door.address).unwrap();
        last.shutdown(Shutdown::Write).unwrap();
        assert_eq!(last.read(&mut [0]).unwrap(), 0);
        self.ledger.wait(patience, |it| it.connections() == 0)
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        let was = std::mem::replace(&mut *self.door.state.lock().unwrap(), DoorState::Gone);
        if was == DoorState::Open {
            self.door.knock();
        }
    }
}

impl Door {
    /// Comes back when nobody listens any more.
    fn shut(&self, time: Duration) {
        let mut state = self.state.lock().unwrap();
        if *state != DoorState::Open {
            return;
        }
        *state = DoorState::Closing(time);
        drop(state);
        self.knock();
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |it| matches!(it, DoorState::Closing(_))).unwrap());
    }

    /// Wakes whoever waits for a connection.
    fn knock(&self) {
        drop(TcpStream::connect(self.address));
    }

    fn is_closed(&self) -> bool {
        *self.state.lock().unwrap() != DoorState::Open
    }
}

/// What every thread of a switch knows.
#[derive(Clone)]
struct Served {
    ledger: Arc<Ledger>,
    door: Arc<Door>,
    weather: Arc<Weather>,
}

fn listen(mut listener: TcpListener, served: &Served) {
    let door = &served.door;
    for connection in 0.. {
        let accepted = listener.accept();
        let state = *door.state.lock().unwrap();
        match state {
            DoorState::Gone => return,
            DoorState::Closing(time) => {
                drop((accepted, listener));
                *door.state.lock().unwrap() = DoorState::Closed;
                door.changed.notify_all();
                thread::park_timeout(time);
                listener = listen_again(door.address);
                let mut state = door.state.lock().unwrap();
                if *state == DoorState::Gone {
                    return;
                }
                *state = DoorState::Open;
            }
            DoorState::Open | DoorState::Closed => {
                let Ok((stream, _)) = accepted else { continue };
                let served = served.clone();
                served.ledger.connected();
                thread::spawn(move || {
                    serve(stream, connection, &served);
                    served.ledger.disconnected();
                });
            }
        }
    }
}

fn listen_again(address: SocketAddr) -> TcpListener {
    for _ in 0..BINDS_MAX {
        match TcpListener::bind(address) {
            Ok(listener) => return listener,
            Err(_) => thread::park_timeout(MOMENT),
        }
    }
    panic!("nobody may listen at {address} again");
}

fn serve(mut stream: TcpStream, connection: usize, served: &Served) {
    let Served { ledger, door, weather } = served;
    stream.set_nodelay(true).unwrap();
    for before in 0.. {
        let Some((call, mut bytes)) = look_at_request(&stream) else { return };
        let number = ledger.arrive(connection, before, call.clone());
        // A switch that is down answers nobody, on old connections neither.
        let deal = if door.is_closed() {
            Deal { fault: Fault::ResetUnread, act: Act::JudgeOnly, ..Deal::FAIR }
        } else {
            weather(number, &call)
        };
        let body = ledger.answer(number, deal.act);
        if deal.fault.leaves_bytes_unread() {
            // A connection that is closed while bytes lie there unread is reset.
            ledger.end(number, End::Cut);
            return;
        }
        if stream.read_exact(&mut bytes).is_err() {
            ledger.end(number, End::Abandoned);
            return;
        }
        if let Some(time) = deal.shut {
            door.shut(time);
        }
        let ended = |end| ledger.end(number, end);
        let afterwards = chaos::answer(&mut stream, deal.fault, &body, deal.afterwards, ended);
        if afterwards == Afterwards::Closed {
            return;
        }
    }
}

/// The next request as it lies in the connection, still unread, and room for its bytes.
fn look_at_request(stream: &TcpStream) -> Option<(Call, Vec<u8>)> {
    let mut bytes = vec![0; REQUEST_BYTES_MAX];
    let mut seen = 0;
    loop {
        let length = stream.peek(&mut bytes).ok().filter(|it| *it > 0)?;
        if let Some((call, whole)) = std::str::from_utf8(&bytes[..length]).ok().and_then(request) {
            bytes.truncate(whole);
            return Some((call, bytes));
        }
        if length == seen {
            // The rest is on its way; looking again does not wait for it.
            thread::park_timeout(MOMENT);
        }
        seen = length;
    }
}

/// A call and its length in bytes, once it is there whole.
fn request(text: &str) -> Option<(Call, usize)> {
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let path = head.split(' ').nth(1)?;
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|it| it.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |it| it.trim().parse().unwrap());
    let body = rest.get(..length)?;
    Some((Call::read(path, body, PASSWORD), head.len() + 4 + length))
}
