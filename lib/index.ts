export { acceptLoop } from './accept_loop.ts';
export {
  type Address,
  type AddressObject,
  decodeAddress,
  encodeAddress,
  formatAddress,
  parseAddress,
} from './address.ts';
export type { Ancillary, ControlItem } from './ancillary.ts';
export { type BackendInfo, type BackendName, backends, type Capability } from './backends.ts';
export { ERROR, PRIORITY, READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED } from './constants.ts';
export { DatagramBatch, type DatagramBatchOptions } from './datagram_batch.ts';
export { close, dup, eventfd, memfd, pipe, setNonBlocking } from './descriptors.ts';
export type { Event, Events } from './events.ts';
export { FdError, type FdErrorDetails } from './fd_error.ts';
export { fromNodeSocket } from './from_node_socket.ts';
export type { HostingKind } from './hosting.ts';
export { interfaceIndex, interfaceName } from './interfaces.ts';
export { ioctl } from './ioctl.ts';
export { listenFds } from './listen_fds.ts';
export type { MembershipOptions } from './memberships.ts';
export type { Datagram, OutgoingMessage, RecvMessageOptions } from './message.ts';
export type { ErrorOrigin, ExtendedError, Message, ZeroCopyCompletion } from './message_frame.ts';
export { Poller } from './poller.ts';
export type { AddOptions, Mode, PollerOptions } from './poller_options.ts';
export type { Process } from './process.ts';
export { read, readv, splice, write, writev } from './read_write.ts';
export { type ReadyOptions, ready } from './ready.ts';
export type { Signal } from './signal.ts';
export { Socket } from './socket.ts';
export type { NetAddress, SocketDuplex } from './socket_duplex.ts';
export type { Family, SocketType } from './socket_kinds.ts';
export type { OptionValue, PeerCredentials } from './socket_options.ts';
export type { ConnectOptions, ListenOptions, SocketOptions } from './socket_setup.ts';
export type { Source, SourceOptions, TimerOptions, WatchOptions } from './sources.ts';
export { constants } from './system_constants.ts';
export type { TcpInfo } from './tcp_info.ts';
export { monotonicTime, type Timer, type When } from './timer.ts';
export { type ToDuplexOptions, toDuplex } from './to_duplex.ts';
export type { Bytes, Descriptor } from './validate.ts';
export { type BuildInfo, type Version, version } from './version.ts';
export { waitFor, waitForAll } from './wait_for.ts';
export { Waker } from './waker.ts';
export type { Watch } from './watch.ts';
export type { Change, WatchKind } from './watch_changes.ts';
