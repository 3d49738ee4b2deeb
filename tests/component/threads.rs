//! What no good host does: a second thread on an object in use, the end of an object during its request.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use addin_host::{Destruction, Object, Val};

use crate::support::{call, connector, fails, ok, property, property_json, session};

/// A server of one connection that says when it was asked, and answers when told to.
struct Slow {
    url: String,
    asked: Receiver<()>,
    go: Sender<()>,
}

impl Slow {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (tell, asked) = channel();
        let (go, told) = channel();
        std::thread::spawn(move || {
            let answer = ok(&[], &[b'x'; 100_000]);
            for mut stream in listener.incoming().flatten() {
                let mut head = Vec::new();
                let mut piece = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut piece) {
                    head.extend_from_slice(&piece[..count]);
                    if !head.ends_with(b"\r\n\r\n") {
                        continue;
                    }
                    head.clear();
                    // The test may have ended already, and the client may have gone: both end the conversation.
                    if tell.send(()).is_err() || told.recv().is_err() || stream.write_all(&answer).is_err() {
                        break;
                    }
                }
            }
        });
        Self { url, asked, go }
    }

    /// Runs `meanwhile` while a request of `object` waits for its answer; how that request then ended.
    fn during(&self, object: &Object, meanwhile: impl FnOnce()) -> Result<Val<'static>, String> {
        std::thread::scope(|scope| {
            let url = self.url.as_str();
            let request = scope.spawn(move || object.call("Get", &[url.into()]));
            self.asked.recv_timeout(Duration::from_secs(20)).unwrap();
            let began = Instant::now();
            meanwhile();
            assert!(began.elapsed() < Duration::from_secs(10), "nothing waits for the request");
            self.go.send(()).unwrap();
            request.join().unwrap().map_err(|error| error.text())
        })
    }
}

#[test]
fn second_thread_is_told_that_the_object_is_busy() {
    for object in [connector(), session()] {
        let server = Slow::new();
        let status = server.during(&object, || {
            let error = object.call("Post", &["http://h/".into(), "x".into()]).unwrap_err();
            assert_eq!(error.text(), "The object is already carrying out a call of another thread");
            assert!(object.get("StatusCode").is_err());
        });
        assert_eq!(status.unwrap().as_int(), Some(200));
        assert_eq!(property(&object, "BodySize").as_int(), Some(100_000), "the request was not disturbed");
        assert_eq!(property_json(&object, "LastErrorDetails")["code"], "busy");
        assert_eq!(call(&object, "TakeBody", &[]).as_bytes().map(<[u8]>::len), Some(100_000));
    }
}

#[test]
fn done_during_a_request_takes_effect_at_once_and_the_rest_after_it() {
    for object in [connector(), session()] {
        let server = Slow::new();
        let status = server.during(&object, || object.done());
        assert_eq!(status.unwrap().as_int(), Some(200), "the request under way ends as it would");
        assert_eq!(object.memory().report().live_blocks, 0, "its body went with the object's work");
        assert!(object.call("Get", &[server.url.as_str().into()]).is_err());
        assert_eq!(object.connection().late_calls(), 0);
        let memory = object.memory();
        drop(object);
        assert!(memory.report().is_clean(), "{memory:?}");
    }
}

#[test]
fn destruction_during_a_request_leaves_the_host_alone() {
    for destruction in [Destruction::Export, Destruction::Delete(0), Destruction::Delete(1)] {
        for object in [connector(), session()] {
            let server = Slow::new();
            let (memory, connection) = (object.memory(), object.connection());
            let status = server.during(&object, || {
                // SAFETY: the request that is under way is the last thing done with this object.
                unsafe { object.destroy_shared(destruction) };
            });
            assert_eq!(status, Err(String::new()), "its body found no memory, and nobody could be told");
            let report = memory.report();
            assert_eq!(
                (report.faults(), report.live_blocks, connection.late_calls()),
                (0, 0, 0),
                "{report:?}"
            );
        }
    }
    let (_, details) = fails(&connector(), "Get", &["".into()]);
    assert_eq!(details["code"], "argument-empty", "other objects do not notice");
}
