//! Says that no memory is left, where a program would be aborted without a word and leave its screen behind.

use crate::show::screen;
use nix::unistd::write;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

const MESSAGE: &[u8] = b"error: no memory is left: `ulimit -v`, a container or the machine allows no more
  nothing that was stored is lost: a run that is started again trains only what is missing; fewer --jobs need less memory
";

/// The system's allocator, which ends the program with status 1 and a message where that has no memory left.
///
/// Nobody is left to handle it: whoever asks for memory and may be refused, asks in vain.
pub struct Allocator;

// SAFETY: passes everything on to the system's allocator, and returns nothing else than that.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unless_refused(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unless_refused(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promised.
        unless_refused(unsafe { System.realloc(pointer, layout, size) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn unless_refused(memory: *mut u8) -> *mut u8 {
    if memory.is_null() { end() } else { memory }
}

/// Neither allocates nor waits for another thread, which may hold any lock and be refused memory as well.
#[cold]
fn end() -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    while ENDING.swap(true, SeqCst) {
        // Another thread ends the program.
        thread::park();
    }
    screen::restore_terminal_without_memory();
    let _ = write(io::stderr().as_fd(), MESSAGE);
    // SAFETY: has no conditions. Destructors and handlers could ask for memory.
    unsafe { nix::libc::_exit(1) }
}
