import { dataOf, LITTLE_ENDIAN } from './option_numbers.ts';

/** What a kernel says about a TCP connection: see `tcpInfo`. A bigint is a count of 64 bits. */
export type TcpInfo = Readonly<Record<string, number | bigint>>;

type Width = 1 | 2 | 4 | 8;
/** The fields of a struct in order, each of this width; '' is one that is not told. */
type Run = readonly [width: Width, names: string];

// struct tcp_info of Linux, up to 6.18; the byte of the window scales and that of flags are taken apart below.
const HEAD = 'state caState retransmits probes backoff options scales bits';
const SHARED =
  'rto ato sndMss rcvMss unacked sacked lost retrans fackets lastDataSent lastAckSent lastDataRecv lastAckRecv pmtu ' +
  'rcvSsthresh rtt rttvar sndSsthresh sndCwnd advmss reordering rcvRtt rcvSpace';
const LINUX: readonly Run[] = [
  [1, HEAD],
  [4, `${SHARED} totalRetrans`],
  [8, 'pacingRate maxPacingRate bytesAcked bytesReceived'],
  [4, 'segsOut segsIn notsentBytes minRtt dataSegsIn dataSegsOut'],
  [8, 'deliveryRate busyTime rwndLimited sndbufLimited'],
  [4, 'delivered deliveredCe'],
  [8, 'bytesSent bytesRetrans'],
  [4, 'dsackDups reordSeen rcvOoopack sndWnd rcvWnd rehash'],
  [2, 'totalRto totalRtoRecoveries'],
  [4, 'totalRtoTime receivedCe deliveredE1Bytes deliveredE0Bytes deliveredCeBytes'],
  [4, 'receivedE1Bytes receivedE0Bytes receivedCeBytes'],
  [2, 'accecnFailMode accecnOptSeen'],
];

// The BSDs began with Linux's layout and fill in a part of it.
const BSD_HEAD: Run = [1, 'state - - - - options scales -'];
const BSD_SHARED =
  'rto - sndMss rcvMss - - - - - - - lastDataRecv - - - rtt rttvar sndSsthresh sndCwnd - - - rcvSpace sndWnd';
const BSD_COUNTS = 'sndNxt rcvNxt toeTid sndRexmitpack rcvOoopack sndZerowin';
const FREEBSD: readonly Run[] = [BSD_HEAD, [4, `${BSD_SHARED} sndBwnd ${BSD_COUNTS}`]];
const OPENBSD: readonly Run[] = [
  [1, 'state - - - - options sndWscale rcvWscale'],
  [4, 'rto - sndMss rcvMss - - - - - lastDataSent lastAckSent lastDataRecv lastAckRecv - - rtt rttvar'],
  [4, `sndSsthresh sndCwnd - - - rcvSpace sndWnd ${BSD_COUNTS} rttmin maxSndwnd rcvAdv rcvUp sndUna sndUp`],
];
// struct tcp_connection_info
const MACOS: readonly Run[] = [
  [1, 'state sndWscale rcvWscale -'],
  [4, 'options flags rto maxseg sndSsthresh sndCwnd sndWnd sndSbbytes rcvWnd rttcur srtt rttvar tfo'],
  [8, 'txpackets txbytes txretransmitbytes rxpackets rxbytes rxoutoforderbytes txretransmitpackets'],
];

/** Where the struct of each system comes from, and what it is made of. */
export interface TcpInfoLayout {
  readonly option: 'TCP_INFO' | 'TCP_CONNECTION_INFO';
  readonly runs: readonly Run[];
}

export function tcpInfoLayout(platform: string = process.platform): TcpInfoLayout {
  switch (platform) {
    case 'darwin':
      return { option: 'TCP_CONNECTION_INFO', runs: MACOS };
    case 'openbsd':
      return { option: 'TCP_INFO', runs: OPENBSD };
    case 'linux':
    case 'android':
      return { option: 'TCP_INFO', runs: LINUX };
    default:
      return { option: 'TCP_INFO', runs: FREEBSD };
  }
}

// Bits of one byte: C compilers begin at the low end on little-endian machines, at the high end on others.
function bits(byte: number, from: number, count: number): number {
  const shift = LITTLE_ENDIAN ? from : 8 - from - count;
  return (byte >> shift) & ((1 << count) - 1);
}

function put(info: Record<string, number | bigint>, name: string, value: number | bigint): void {
  if (name === 'scales') {
    info.sndWscale = bits(Number(value), 0, 4);
    info.rcvWscale = bits(Number(value), 4, 4);
  } else if (name === 'bits') {
    info.deliveryRateAppLimited = bits(Number(value), 0, 1);
    info.fastopenClientFail = bits(Number(value), 1, 2);
  } else if (name !== '-') {
    info[name] = value;
  }
}

/** What the kernel returned, by name. A field that it did not fill whole is left out. */
export function decodeTcpInfo(bytes: Buffer, { runs }: TcpInfoLayout): TcpInfo {
  const data = dataOf(bytes);
  const read = {
    1: (at: number) => data.getUint8(at),
    2: (at: number) => data.getUint16(at, LITTLE_ENDIAN),
    4: (at: number) => data.getUint32(at, LITTLE_ENDIAN),
    8: (at: number) => data.getBigUint64(at, LITTLE_ENDIAN),
  };
  const info: Record<string, number | bigint> = {};
  let offset = 0;
  for (const [width, names] of runs) {
    for (const name of names.split(' ')) {
      offset = Math.ceil(offset / width) * width;
      if (offset + width > bytes.length) return info;
      put(info, name, read[width](offset));
      offset += width;
    }
  }
  return info;
}
