/** Interest and event: bytes or a connection can be read without blocking, or the end, or an error. */
export const READABLE = 1;
/** Interest and event: something can be written without blocking, or an error waits to be told. */
export const WRITABLE = 2;
/** Interest and event: urgent data of a TCP socket (`POLLPRI`), a changed sysfs or GPIO file. */
export const PRIORITY = 4;
/** Event: the peer sends no more; unread bytes may remain. Comes only with READABLE interest. */
export const READ_CLOSED = 8;
/** Event: the peer takes no more. Comes only with WRITABLE interest. */
export const WRITE_CLOSED = 16;
/** Event: an error waits in the descriptor. Also sets READABLE and WRITABLE as far as the interest asks for them. */
export const ERROR = 32;

/** What an interest may be made of. */
export const INTEREST: number = READABLE | WRITABLE | PRIORITY;
