internal import CSystemd
internal import Glibc

/// A connection to the system bus, for calls of the service manager (sd-bus(3), org.freedesktop.systemd1(5)).
///
/// Not for several threads at once. Safe, because the pointer is to an object of libsystemd that this value alone owns.
@safe struct SystemBus: ~Copyable {
    private static let manager = "org.freedesktop.systemd1"

    private let bus: OpaquePointer

    /// Connects.
    ///
    /// - Parameter timeout: for each answer.
    init(timeout: Duration) throws(ServiceManagerError) {
        var bus: OpaquePointer?
        // Sound: libsystemd fills the one pointer it is given, with an object that is ours to release.
        let result = unsafe sd_bus_open_system(&bus)
        guard result >= 0, let bus = unsafe bus else { throw Self.unreachable("sd_bus_open_system", result) }
        unsafe self.bus = bus
        let (seconds, attoseconds) = timeout.components
        let microseconds = UInt64(max(0, seconds)) * 1_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000_000
        // Sound: the object is alive.
        _ = unsafe sd_bus_set_method_call_timeout(bus, microseconds)
    }

    deinit {
        // Sound: the object is alive and nothing else has it.
        _ = unsafe sd_bus_close_unref(self.bus)
    }

    /// Calls a method of the manager itself with one argument.
    func call(_ method: String, _ argument: Argument) throws(ServiceManagerError) -> BusMessage {
        try self.call("/org/freedesktop/systemd1", "\(Self.manager).Manager", method, [argument])
    }

    /// A property of a unit: of all units, or of those of a type, such as `Service`.
    func property(
        _ name: String,
        of kind: String = "Unit",
        at path: String
    ) throws(ServiceManagerError) -> BusMessage {
        let arguments = [Argument.text("\(Self.manager).\(kind)"), .text(name)]
        return try self.call(path, "org.freedesktop.DBus.Properties", "Get", arguments)
    }

    /// One argument of a call.
    enum Argument {
        case number(UInt32)
        case text(String)
    }

    private func call(
        _ path: String,
        _ interface: String,
        _ method: String,
        _ arguments: [Argument]
    ) throws(ServiceManagerError) -> BusMessage {
        var pointer: OpaquePointer?
        // Sound: the texts end in NUL and are copied during the call; the message is ours to release, which the wrapper does.
        let made = unsafe sd_bus_message_new_method_call(self.bus, &pointer, Self.manager, path, interface, method)
        guard made >= 0, let pointer = unsafe pointer else { throw Self.failed("sd_bus_message_new_method_call", made) }
        let message = unsafe BusMessage(owning: pointer)
        for argument in arguments {
            let added = message.append(argument)
            guard added >= 0 else { throw Self.failed("sd_bus_message_append_basic", added) }
        }
        return try self.send(message)
    }

    private func send(_ message: borrowing BusMessage) throws(ServiceManagerError) -> BusMessage {
        var error = unsafe sd_bus_error()
        var reply: OpaquePointer?
        // Sound: message and bus are alive; libsystemd fills the error, released below, and the reply, which the wrapper
        // releases.
        let result = unsafe sd_bus_call(self.bus, message.pointer, 0, &error, &reply)
        defer { unsafe sd_bus_error_free(&error) }
        if result >= 0, let reply = unsafe reply { return unsafe BusMessage(owning: reply) }
        // Sound: the name is a text that lives as long as the error.
        let name = unsafe error.name.map { unsafe String(cString: $0) }
        switch -result {
        case ETIMEDOUT: throw .late
        case ENOTCONN, ECONNRESET, EPIPE, ESTALE, ECHILD: throw Self.unreachable("sd_bus_call", result)
        default:
            guard let name else { throw Self.failed("sd_bus_call", result) }
            // What the bus itself says where the manager should: it is not there, or has not answered.
            switch name {
            case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout": throw .late
            case "org.freedesktop.DBus.Error.Disconnected", "org.freedesktop.DBus.Error.ServiceUnknown",
                "org.freedesktop.DBus.Error.NameHasNoOwner":
                throw Self.unreachable("sd_bus_call", result)
            default: throw .refused(name)
            }
        }
    }

    private static func unreachable(_ call: String, _ result: CInt) -> ServiceManagerError {
        .unreachable(SystemCallError(call: call, number: -min(result, -1)))
    }

    private static func failed(_ call: String, _ result: CInt) -> ServiceManagerError {
        .refused("\(call): \(SystemCallError(call: call, number: -min(result, -1)).reason)")
    }
}
