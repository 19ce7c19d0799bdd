import Crypto
import Systemd

/// The throttle's records in memory that outlives the process.
///
/// A page with the header, then the slots of failures, answers without a decision, sends and rates, 64 bytes each. The header tells what the records
/// mean: mark, format, numbers of slots, boot and key. If anything of it differs, nothing of the rest is believed.
struct ThrottleMemory: ~Copyable, Sendable {
    /// What the records rest on.
    struct Basis: Sendable {
        /// The boot whose clock the instants are on.
        let boot: BootID
        /// Digest of the key under which targets are hashed: 32 bytes.
        let key: [UInt8]
        let capacity: ThrottleCapacity
    }

    /// An instant of the agent's clock, and the same on CLOCK_BOOTTIME in nanoseconds, which is the same for all processes
    /// of a boot.
    struct Epoch: Sendable {
        let instant: ContinuousClock.Instant
        let nanoseconds: Int64

        func instant(_ nanoseconds: Int64) -> ContinuousClock.Instant? {
            let (distance, overflow) = nanoseconds.subtractingReportingOverflow(self.nanoseconds)
            return overflow ? nil : instant + .nanoseconds(distance)
        }

        func nanoseconds(_ instant: ContinuousClock.Instant) -> Int64 {
            nanoseconds + (instant - self.instant).nanoseconds
        }
    }

    private static let mark = Array("mosaicd throttle".utf8)
    /// 2: users are hashed without regard to letter case, and sends have a kind.
    private static let format: UInt8 = 2
    private static let headerSize = 4096
    private static let slotSize = MemoryLayout<SIMD8<UInt64>>.size

    /// A slot, and what it holds.
    typealias Written = (slot: ThrottleSlot, words: SIMD8<UInt64>)

    private var memory: SharedMemory
    private let capacity: ThrottleCapacity
    let epoch: Epoch
    /// What was there when the memory came back.
    private var found: [ThrottleSlot.Table: [Written]]

    /// How many bytes the memory needs.
    static func size(for capacity: ThrottleCapacity) -> Int {
        headerSize + slotSize * (capacity.failures + capacity.undecided + capacity.sends + capacity.rates)
    }

    /// New memory without records.
    init(new memory: consuming SharedMemory, _ basis: Basis, epoch: Epoch) {
        self.memory = memory
        self.epoch = epoch
        capacity = basis.capacity
        found = [:]
        for (index, words) in Self.header(basis).enumerated() { self.memory.write(words, at: index * Self.slotSize) }
    }

    /// Memory from before a restart; nil if its records rest on anything else.
    init?(from memory: consuming SharedMemory, _ basis: Basis, epoch: Epoch) {
        let header = Self.header(basis)
        guard memory.size == Self.size(for: basis.capacity), (try? memory.words(at: 0, count: header.count)) == header
        else { return nil }
        var found: [ThrottleSlot.Table: [Written]] = [:]
        for table in ThrottleSlot.Table.allCases {
            guard let slots = try? Self.slots(of: table, in: memory, basis.capacity) else { return nil }
            found[table] = slots
        }
        self.memory = memory
        self.epoch = epoch
        self.found = found
        capacity = basis.capacity
    }

    /// What was there when the memory came back, for the first that asks.
    mutating func takeFound() -> [ThrottleSlot.Table: [Written]] {
        defer { found = [:] }
        return found
    }

    /// Writes the words of a slot.
    mutating func write(_ words: SIMD8<UInt64>, to slot: ThrottleSlot) {
        memory.write(words, at: offset(of: slot))
    }

    /// Has the service manager keep the memory over a restart.
    func keep(in store: FileDescriptorStore, as name: String, onFailure: @escaping @Sendable (SystemCallError) -> Void)
    {
        store.keep(memory, as: name, onFailure: onFailure)
    }

    private func offset(of slot: ThrottleSlot) -> Int {
        let (start, count) = Self.place(of: slot.table, capacity)
        precondition(slot.number >= 0 && slot.number < count, "a slot of its table")
        return start + slot.number * Self.slotSize
    }

    private static func place(of table: ThrottleSlot.Table, _ capacity: ThrottleCapacity) -> (start: Int, count: Int) {
        let undecided = headerSize + capacity.failures * slotSize
        let sends = undecided + capacity.undecided * slotSize
        return switch table {
        case .failures: (headerSize, capacity.failures)
        case .undecided: (undecided, capacity.undecided)
        case .sends: (sends, capacity.sends)
        case .rates: (sends + capacity.sends * slotSize, capacity.rates)
        }
    }

    /// The slots of a table that are not empty.
    private static func slots(
        of table: ThrottleSlot.Table,
        in memory: borrowing SharedMemory,
        _ capacity: ThrottleCapacity
    ) throws(SystemCallError) -> [Written] {
        let (start, count) = place(of: table, capacity)
        // In pieces, so that a large table that is hardly used takes no large buffer.
        let piece = 1024
        var written: [Written] = []
        for first in stride(from: 0, to: count, by: piece) {
            let slots = try memory.words(at: start + first * slotSize, count: min(piece, count - first))
            for (index, words) in slots.enumerated() where words != ThrottleSlot.empty {
                written.append((ThrottleSlot(table: table, number: first + index), words))
            }
        }
        return written
    }

    /// Mark, format, numbers of slots, boot, key, and the SHA-256 of them all, filled up with zeros.
    private static func header(_ basis: Basis) -> [SIMD8<UInt64>] {
        var header = mark + [format]
        let capacity = basis.capacity
        for count in [slotSize, capacity.failures, capacity.undecided, capacity.sends, capacity.rates] {
            header += (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        }
        header += basis.boot.bytes + basis.key
        header += SHA256.hash(data: header)
        header += [UInt8](repeating: 0, count: (slotSize - header.count % slotSize) % slotSize)
        return stride(from: 0, to: header.count, by: slotSize).map { start in
            var words = SIMD8<UInt64>()
            for index in 0..<8 {
                words[index] = header[start + 8 * index..<start + 8 * index + 8].reduce(0) { $0 << 8 | UInt64($1) }
            }
            return words
        }
    }
}
