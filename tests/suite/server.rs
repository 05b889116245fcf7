//! A switch that is not our sandbox: plain sockets and threads, which answers what a test says and keeps what it got.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Status line, further head lines, body.
    Http(&'static str, &'static str, String),
    /// The API's envelope with one entry, HTTP 200.
    Code(&'static str, &'static str, &'static str),
    /// Reads the request and closes the connection.
    Close,
    /// The first part, then nothing for so long, then the answer.
    After(Duration, Box<Self>),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub line: String,
    pub body: String,
    pub arrived: Instant,
}

impl Request {
    pub(super) fn is_list(&self) -> bool {
        self.line.contains("/mailboxes/list/")
    }

    pub(super) fn is_rehearsal(&self) -> bool {
        self.body.contains("validation=1")
    }

    pub(super) fn has(&self, parameter: &str) -> bool {
        self.body.split('&').any(|it| it == parameter)
    }
}

type Script = dyn FnMut(usize, &Request) -> Answer + Send;

/// A server that runs as long as it is held.
pub(super) struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    /// Connections that are being served.
    live: Arc<AtomicUsize>,
}

impl Server {
    /// Answers the nth request, counted from 0, as the script says. A list of mailboxes is refused and not counted.
    pub(super) fn start(
        mut script: impl FnMut(usize, &Request) -> Answer + Send + 'static,
    ) -> Self {
        let mut lists = 0;
        Self::start_with_lists(move |number, request| {
            if request.is_list() {
                lists += 1;
                return Answer::Code("402", "", "your role does not allow this");
            }
            script(number - lists, request)
        })
    }

    /// The same, where lists are asked of the script as well.
    pub(super) fn start_with_lists(
        script: impl FnMut(usize, &Request) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Box<Script>>> = Arc::new(Mutex::new(Box::new(script)));
        let live = Arc::new(AtomicUsize::new(0));
        let (kept, counted) = (Arc::clone(&requests), Arc::clone(&live));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, kept) = (Arc::clone(&script), Arc::clone(&kept));
                let live = Arc::clone(&counted);
                live.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    serve(stream, &script, &kept);
                    live.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { url, requests, live }
    }

    /// Waits until everything that a client sent before it ended was read and answered.
    pub(super) fn settle(&self) {
        // Connections are taken in their order: once this one is over, all before it were taken.
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let _ = BufReader::new(stream).read_to_end(&mut Vec::new());
        while self.live.load(Ordering::SeqCst) > 0 {
            thread::park_timeout(Duration::from_millis(1));
        }
    }

    /// Answers every request alike.
    pub(super) fn always(answer: Answer) -> Self {
        Self::start(move |_, _| answer.clone())
    }

    /// What came up to now, but for lists.
    pub(super) fn requests(&self) -> Vec<Request> {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|it| !it.is_list()).cloned().collect()
    }
}

fn serve(stream: TcpStream, script: &Mutex<Box<Script>>, kept: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        let number = {
            let mut kept = kept.lock().unwrap();
            kept.push(request.clone());
            kept.len() - 1
        };
        let mut answer = (script.lock().unwrap())(number, &request);
        while let Answer::After(wait, next) = answer {
            // The far side's slowness is what is tested; no assertion hangs on the time.
            thread::park_timeout(wait);
            answer = *next;
        }
        let text = match answer {
            Answer::Close | Answer::After(..) => return,
            Answer::Http(status, head, body) => http(status, head, &body),
            Answer::Code(code, key, message) => http("200 OK", "", &envelope(code, key, message)),
        };
        if stream.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn http(status: &str, head: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{head}content-length: {}\r\n\r\n{body}", body.len())
}

/// The API's answer with one entry.
pub(super) fn envelope(code: &str, key: &str, message: &str) -> String {
    format!(r#"{{"responses":[{{"code":"{code}","key":"{key}","message":"{message}"}}]}}"#)
}

/// Done for real calls, accepted for rehearsals.
pub(super) fn obliging(request: &Request) -> Answer {
    if request.is_rehearsal() {
        Answer::Code("201", "", "OK")
    } else {
        Answer::Code("204", "", "OK")
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|it| *it > 0)?;
    #[expect(clippy::disallowed_methods, reason = "a server tells when a request came")]
    let arrived = Instant::now();
    let mut length = 0;
    loop {
        let mut head = String::new();
        reader.read_line(&mut head).ok().filter(|it| *it > 0)?;
        if head == "\r\n" {
            break;
        }
        if let Some(value) = head.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = line.trim_end().to_owned();
    Some(Request { line, body: String::from_utf8(body).ok()?, arrived })
}
