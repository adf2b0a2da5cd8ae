internal import CMnl
internal import Glibc

/// Puts addresses on interfaces, takes them off, and lists what there is, over rtnetlink.
///
/// Every call returns when the kernel has answered; none waits for anything but the kernel's own RTNL lock.
/// Listing needs no privilege, changing needs CAP_NET_ADMIN.
package final class Netlink {
    /// Requests that go in one datagram, which stays below 32 KiB. Who must look at a clock between batches hands
    /// over this many at a time, or fewer.
    package static let requestsPerBatch = 256
    /// How often a dump is begun again when the list changed under it.
    package static let dumpAttempts = 16

    let socket: NetlinkSocket
    private var sequence: UInt32 = 0

    /// What events about our own changes carry.
    package var portID: PortID { socket.portID }

    package init() throws(NetlinkError) {
        do throws(Errno) {
            socket = try NetlinkSocket()
        } catch {
            throw NetlinkError("open", "an rtnetlink socket", error)
        }
    }

    /// Performs all requests in order and returns for each nil or why it was refused; one refusal stops no other.
    ///
    /// `noBufferSpace` means that the answer was lost: only a dump tells whether the request was carried out.
    package func perform(_ requests: [AddressRequest]) -> [NetlinkError?] {
        stride(from: 0, to: requests.count, by: Self.requestsPerBatch).flatMap { start in
            performBatch(requests[start..<min(start + Self.requestsPerBatch, requests.count)])
        }
    }

    /// Performs one request.
    package func perform(_ request: AddressRequest) throws(NetlinkError) {
        if let refusal = performBatch([request])[0] { throw refusal }
    }

    /// All IPv4 and IPv6 addresses of this network namespace.
    package func addresses() throws(NetlinkError) -> [InterfaceAddress] {
        try dump("addresses", RTM_GETADDR, ifaddrmsg()) { InterfaceAddress($0) }
    }

    /// All interfaces of this network namespace.
    package func links() throws(NetlinkError) -> [Link] {
        try dump("interfaces", RTM_GETLINK, ifinfomsg()) { Link($0) }
    }
}

// MARK: - Requests with an answer each

extension Netlink {
    private func performBatch(_ requests: ArraySlice<AddressRequest>) -> [NetlinkError?] {
        let first = sequence &+ 1
        let last = sequence &+ UInt32(requests.count)
        var datagram: [UInt8] = []
        datagram.reserveCapacity(requests.count * NetlinkMessage.lengthLimit)
        for request in requests {
            sequence &+= 1
            datagram += request.message(sequence: sequence, isAnswered: sequence == last)
        }
        do throws(Errno) {
            try socket.send(datagram)
        } catch {
            return requests.map { $0.failure(error) }
        }
        let (answers, isComplete) = receiveAnswers(to: requests.count, from: first)
        return zip(requests, answers).map { request, answer in
            guard let answer else { return isComplete ? nil : request.failure(.noBufferSpace) }
            return answer.errno.map { request.failure($0, kernelText: answer.text) }
        }
    }

    /// The answers in the order of the requests: refusals, and that to the last.
    ///
    /// The kernel takes the requests of a datagram one after the other and refuses each by itself. So what was not refused
    /// is done once the last is answered (`isComplete`), unless an answer was lost, which the socket tells.
    private func receiveAnswers(to count: Int, from first: UInt32) -> (answers: [Answer?], isComplete: Bool) {
        var answers = [Answer?](repeating: nil, count: count)
        var isLost = false
        var isWaiting = true
        while isWaiting {
            do throws(Errno) {
                isWaiting = try socket.receive { message in
                    let place = Int(message.sequence &- first)
                    guard message.portID == portID, place < count, let answer = Answer(message) else { return }
                    answers[place] = answer
                }
            } catch .noBufferSpace {
                // The kernel dropped an answer; the ones that did arrive still wait to be read.
                isLost = true
            } catch {
                isWaiting = false
            }
        }
        return (answers, !isLost && answers[count - 1] != nil)
    }

    /// An acknowledgement, `NLMSG_ERROR`.
    private struct Answer {
        /// Nil for success.
        let errno: Errno?
        private(set) var text: String?

        init?(_ message: NetlinkMessage) {
            guard message.type == NLMSG_ERROR, let header = message.header(as: nlmsgerr.self) else { return nil }
            errno = header.error == 0 ? nil : Errno(0 &- header.error)
            guard message.flags & NLM_F_ACK_TLVS != 0, message.flags & NLM_F_CAPPED != 0 else { return }
            var found: String?
            message.forEachAttribute(after: nlmsgerr.self) { attribute in
                if attribute.type == NLMSGERR_ATTR_MSG.rawValue { found = attribute.string }
            }
            text = found
        }
    }
}

// MARK: - Dumps

extension Netlink {
    /// Lists everything of a type, again from the start for as long as it changes meanwhile, `dumpAttempts` times.
    func dump<Header: BitwiseCopyable, Value>(
        _ object: String,
        _ type: Int,
        _ header: Header,
        _ read: (NetlinkMessage) -> Value?
    ) throws(NetlinkError) -> [Value] {
        do throws(Errno) {
            for _ in 0..<Self.dumpAttempts {
                if let values = try dumpOnce(type, header, read) { return values }
            }
            throw Errno.interrupted
        } catch {
            throw NetlinkError("list", object, error)
        }
    }

    /// Nil when the list changed while it was read (`NLM_F_DUMP_INTR`) or parts of it were lost.
    private func dumpOnce<Header: BitwiseCopyable, Value>(
        _ type: Int,
        _ header: Header,
        _ read: (NetlinkMessage) -> Value?
    ) throws(Errno) -> [Value]? {
        sequence &+= 1
        // The header, all zero, names no family: all are listed. NLM_F_DUMP is a macro of these two.
        let flags = NLM_F_ROOT | NLM_F_MATCH
        try socket.send(unsafe NetlinkMessage.request(type, flags: flags, sequence: sequence, header: header))
        var values: [Value] = []
        var state = DumpState()
        while !state.isDone {
            do throws(Errno) {
                let isMore = try socket.receive { message in
                    guard message.portID == portID, message.sequence == sequence else { return }
                    state.note(message)
                    if let value = read(message) { values.append(value) }
                }
                if !isMore { return nil }
            } catch .noBufferSpace {
                state.isConsistent = false
            }
        }
        if let errno = state.errno { throw errno }
        return state.isConsistent ? values : nil
    }

    private struct DumpState {
        var isDone = false
        var isConsistent = true
        var errno: Errno?

        mutating func note(_ message: NetlinkMessage) {
            if message.flags & NLM_F_DUMP_INTR != 0 { isConsistent = false }
            guard message.type == NLMSG_DONE || message.type == NLMSG_ERROR else { return }
            isDone = true
            if let code = message.header(as: Int32.self), code < 0 { errno = Errno(0 &- code) }
        }
    }
}
