// Which of the two modules has `struct timeval` depends on the files that are compiled together with this one.
internal import CSystemd
internal import Glibc

/// What this process uses of the machine, as the kernel counts it.
package struct ProcessUsage: Sendable {
    /// Resident memory in bytes (`/proc/self/statm`, proc(5)); nil if that cannot be read.
    package let residentBytes: Int?
    /// Open file descriptors (`/proc/self/fd`); nil if they cannot be counted.
    package let openDescriptors: Int?
    /// How many may be open (RLIMIT_NOFILE, getrlimit(2)); nil if there is no limit.
    package let maximumDescriptors: Int?
    /// Processor time of all threads, in seconds (getrusage(2)).
    package let processorSeconds: Double

    /// The usage now.
    package static func now() -> ProcessUsage {
        var limit = rlimit()
        var usage = rusage()
        // Sound: the kernel fills the one structure that each call is given.
        let hasLimit = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return ProcessUsage(
            residentBytes: residentBytes(),
            openDescriptors: openDescriptors(),
            maximumDescriptors: hasLimit && limit.rlim_cur != rlim_t.max ? Int(clamping: limit.rlim_cur) : nil,
            processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime)
        )
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }

    private static func residentBytes() -> Int? {
        // Sound: Swift lends the path with its final zero for the length of the call.
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 256)
        // Sound: the kernel writes at most as many bytes as the array has.
        let count = unsafe read(descriptor, &text, text.count)
        guard count > 0 else { return nil }
        let fields = String(decoding: text[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func openDescriptors() -> Int? {
        // Sound: the stream is used by this function only, and closed once.
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Without the entries for the directory and its parent, and the descriptor that reads it.
        return count - 3
    }
}
