//! The allocator of the system.

/// Blocks of this many bytes and more are given back to the system as soon as they are freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const GIVEN_BACK: i32 = 256 * 1024;

/// Has large blocks given back to the system when they are freed. Else glibc learns to keep freed blocks of up to 32 MB, for each thread
/// apart: networks with wide layers then took up to 2.1 times the memory that they use. To be called before there are other threads;
/// does nothing where the allocator is another.
pub fn give_back_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it sets a number that the allocator reads, and there is no other thread yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, GIVEN_BACK);
    }
}
