//! The books: killed, damaged, moved, shared by nodes.

mod crash_points;
mod database_faults;
mod high_availability;
mod log_damage;
mod moving;
mod nodes;
mod private_files;
mod restart;
