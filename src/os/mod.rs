//! Foreign system APIs, one file each, behind safe functions.
