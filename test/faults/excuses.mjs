// What goes otherwise than the rule, and why that is right. Each is needed: the test fails when one is not used.

/** Expressions that match all of it, and the reason. */
export const excuses = [
  {
    scenario: /./,
    kind: /^get(sock|peer)name$/,
    fault: /./,
    complaint: /the kernel tells no address|^another result/,
    reason: 'localAddress and remoteAddress are undefined when the kernel tells none, whatever it says',
  },
  {
    scenario: /stream/,
    kind: /^getpeername$/,
    fault: /./,
    complaint: /FdError: connect ENOTCONN: /,
    reason: 'a stream that is told of no peer once its connection is there is not connected',
  },
  {
    scenario: /^opening|loop that accepts/,
    kind: /./,
    fault: /^(EPERM|ENODEV|EACCES|EINVAL)$/,
    complaint: /FdError: backend '\w+' is unavailable: \w+ E[A-Z]+: /,
    reason:
      'a backend that the system refuses is ERR_FDPOLL_BACKEND_UNAVAILABLE, whose message has the call and its error',
  },
  {
    scenario: /^interfaces/,
    kind: /^ioctl$/,
    fault: /^ENODEV$/,
    complaint: /FdError: if_indextoname ENXIO: /,
    reason: 'interfaceName says ENXIO, as if_indextoname(3) does',
  },
  {
    scenario: /process/,
    kind: /^waitid$/,
    fault: /./,
    complaint: /^another result: \[null,true\]/,
    reason: 'how a process ended is undefined when the system does not tell',
  },
  {
    scenario: /segments/,
    kind: /^getsockopt$/,
    fault: /^ENOPROTOOPT$/,
    complaint: /^another code: FdError: sendmmsg ENOTSUP: /,
    reason: 'a kernel without UDP_SEGMENT is ENOTSUP',
  },
  {
    scenario: /./,
    kind: /^getsockopt$/,
    fault: /^ENOPROTOOPT$/,
    complaint: /^another result: .*"stream",(0|false)/,
    reason: 'a kernel without SO_PROTOCOL and SO_ACCEPTCONN tells nothing of them',
  },
];

export const excuseOf = (scenario, kind, fault, complaint) =>
  excuses.find(
    (excuse) =>
      excuse.scenario.test(scenario) &&
      excuse.kind.test(kind) &&
      excuse.fault.test(fault) &&
      excuse.complaint.test(complaint),
  )?.reason;
