//! Runs the server by itself until its standard input ends, for looking at it with other tools. Prints both
//! addresses and writes the authority's certificate to the file named as the only argument, if there is one.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::io::Read;

fn main() -> std::io::Result<()> {
    let server = test_server::Server::start()?;
    if let Some(file) = std::env::args().nth(1) {
        std::fs::write(file, server.ca_pem())?;
    }
    println!("{}\n{}", server.url("/"), server.secure_url("/"));
    std::io::stdin().read_to_end(&mut Vec::new()).map(|_| ())
}
