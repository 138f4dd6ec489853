import { describe, expect, it } from 'vitest';
import { decodeTcpInfo, tcpInfoLayout } from '../lib/tcp_info.ts';

/** Bytes whose 32-bit words count: word i holds i. */
const counting = (bytes: number): Buffer => Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, i) => i).buffer);

describe('struct tcp_info of Linux', () => {
  const layout = tcpInfoLayout('linux');

  it('has its fields where the kernel has them', () => {
    const bytes = counting(280);
    bytes.set([1, 2, 3, 4, 5, 6, 0x7a, 0b101]);
    const info = decodeTcpInfo(bytes, layout);
    expect(info).toMatchObject({ state: 1, caState: 2, retransmits: 3, probes: 4, backoff: 5, options: 6 });
    // By offset in words: tcpi_rto is at byte 8, tcpi_rtt at 68, tcpi_snd_cwnd at 80, tcpi_total_retrans at 100.
    expect(info).toMatchObject({ rto: 2, rtt: 17, sndCwnd: 20, totalRetrans: 25 });
    expect(info.pacingRate).toBe(26n + (27n << 32n)); // 104
    expect(info.segsOut).toBe(34); // 136
    expect(info.deliveryRate).toBe(40n + (41n << 32n)); // 160
    expect(info.delivered).toBe(48); // 192
    expect(info.bytesSent).toBe(50n + (51n << 32n)); // 200
    expect(info).toMatchObject({ sndWnd: 57, rcvWnd: 58, rehash: 59, totalRto: 60, totalRtoRecoveries: 0 });
    expect(info).toMatchObject({ totalRtoTime: 61, receivedCeBytes: 68, accecnFailMode: 69, accecnOptSeen: 0 });
  });

  it('takes the bits of a byte apart', () => {
    const bytes = Buffer.alloc(8);
    bytes[6] = 0x7a;
    bytes[7] = 0b101;
    const info = decodeTcpInfo(bytes, layout);
    expect([info.sndWscale, info.rcvWscale]).toEqual([0xa, 7]);
    expect([info.deliveryRateAppLimited, info.fastopenClientFail]).toEqual([1, 2]);
  });

  it('is only what was returned, to the byte', () => {
    let before = 0;
    for (let length = 0; length <= 280; length++) {
      const count = Object.keys(decodeTcpInfo(Buffer.alloc(length), layout)).length;
      expect(count).toBeGreaterThanOrEqual(before);
      before = count;
    }
    expect(decodeTcpInfo(Buffer.alloc(0), layout)).toEqual({});
    expect(Object.keys(decodeTcpInfo(Buffer.alloc(104), layout)).at(-1)).toBe('totalRetrans');
    expect(Object.keys(decodeTcpInfo(Buffer.alloc(111), layout)).at(-1)).toBe('totalRetrans');
  });

  it('of a newer kernel is read as far as it is known', () => {
    expect(Object.keys(decodeTcpInfo(Buffer.alloc(512), layout))).toEqual(
      Object.keys(decodeTcpInfo(Buffer.alloc(280), layout)),
    );
  });
});

describe('the structs of other systems', () => {
  it('of macOS is tcp_connection_info', () => {
    const layout = tcpInfoLayout('darwin');
    expect(layout.option).toBe('TCP_CONNECTION_INFO');
    const info = decodeTcpInfo(counting(112), layout);
    expect(info).toMatchObject({ options: 1, flags: 2, rto: 3, srtt: 11, rttvar: 12, tfo: 13 });
    expect(info.txpackets).toBe(14n + (15n << 32n)); // 56
    expect(info.txretransmitpackets).toBe(26n + (27n << 32n)); // 104
  });

  it.each(['freebsd', 'netbsd', 'openbsd'])('of %s begins as that of Linux and tells less', (platform) => {
    const layout = tcpInfoLayout(platform);
    expect(layout.option).toBe('TCP_INFO');
    const info = decodeTcpInfo(counting(240), layout);
    expect(info).toMatchObject({ rto: 2, sndMss: 4, rcvMss: 5, lastDataRecv: 13, rtt: 17, rttvar: 18, sndCwnd: 20 });
    expect(info).toMatchObject({ rcvSpace: 24, sndWnd: 25 });
    expect(info).not.toHaveProperty('-');
    expect(info.sndNxt).toBe(platform === 'openbsd' ? 26 : 27);
  });
});
