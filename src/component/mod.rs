//! The classes a 1C developer sees.
