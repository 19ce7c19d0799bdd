/// Why systemd gave no answer.
package enum ServiceManagerError: Error, Hashable, Sendable {
    /// There is no way to it: the bus cannot be reached, or was lost twice.
    case unreachable(SystemCallError)
    /// It did not answer in time.
    case late
    /// It, or the bus, refused, with this name of an error.
    case refused(String)
    /// The answer was not what it should be.
    case malformed
}

/// What is asked of the system's service manager about other processes.
///
/// The questions block, for seconds when the manager does not answer.
package protocol ServiceManagerAsking: Sendable {
    /// The unit that the process with this number is of now.
    func unit(ofProcess pid: Int32) throws(ServiceManagerError) -> String
    /// The path of the control group that the process is in, if it is of this unit.
    func controlGroup(ofProcess pid: Int32, inUnit unit: String) throws(ServiceManagerError) -> String?
}
