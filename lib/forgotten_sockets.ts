import { native } from './binding.ts';

let warned = false;

// The net for sockets that are collected while open. It cannot fire while one is registered: the poller holds it.
const forgotten: FinalizationRegistry<number> = new FinalizationRegistry((handle) => {
  const fd = native.socketFd(handle);
  native.closeSocket(handle);
  if (warned || fd < 0) return;
  warned = true;
  process.emitWarning(
    `a Socket was collected while open and its descriptor ${fd} was closed; call close() (said once)`,
    { code: 'FDPOLL_SOCKET_COLLECTED' },
  );
});

/** From here on, collecting the socket closes its descriptor and warns, once for all of them. */
export function watchOver(socket: object, handle: number): void {
  forgotten.register(socket, handle, socket);
}

/** It was closed or given away as it should be. */
export function letGo(socket: object): void {
  forgotten.unregister(socket);
}
