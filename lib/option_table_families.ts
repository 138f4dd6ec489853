import { interfaceOf } from './option_network.ts';
import { byte, flag, int, raw, timeval, uint32, uint64, words } from './option_numbers.ts';
import { canFilters, groupList, lengthAlone, packetMembership, struct } from './option_structs.ts';
import type { OptionGroup } from './option_table.ts';

const BYTES = 'a bigint or a number of bytes';
const PACKET_MEMBERSHIP = packetMembership(interfaceOf);

export const FAMILY_OPTIONS: readonly OptionGroup[] = [
  {
    title: 'Unix sockets on macOS and the BSDs',
    level: 'SOL_LOCAL',
    rows: [
      ['LOCAL_CONNWAIT', flag],
      ['LOCAL_CREDS', flag],
      ['LOCAL_CREDS_PERSISTENT', flag, undefined, 'FreeBSD'],
      ['LOCAL_PEERCRED', raw('struct xucred', 128), 'read', 'see `peerCredentials`'],
      ['LOCAL_PEEREID', raw('struct unpcbid', 16), 'read', 'NetBSD: see `peerCredentials`'],
      ['LOCAL_PEEREPID', int('a process'), 'read', 'macOS'],
      ['LOCAL_PEERPID', int('a process'), 'read', 'macOS: see `peerCredentials`'],
    ],
  },
  {
    title: 'vsock',
    level: 'AF_VSOCK',
    rows: [
      ['SO_VM_SOCKETS_BUFFER_MAX_SIZE', uint64(BYTES)],
      ['SO_VM_SOCKETS_BUFFER_MIN_SIZE', uint64(BYTES)],
      ['SO_VM_SOCKETS_BUFFER_SIZE', uint64(BYTES)],
      ['SO_VM_SOCKETS_CONNECT_TIMEOUT', timeval],
      ['SO_VM_SOCKETS_NONBLOCK_TXRX', flag, undefined, 'VMCI only'],
      ['SO_VM_SOCKETS_PEER_HOST_VM_ID', uint32('an identifier'), 'read', 'VMCI only'],
      ['SO_VM_SOCKETS_TRUSTED', flag, 'read', 'VMCI only'],
    ],
  },
  {
    title: 'Netlink',
    level: 'SOL_NETLINK',
    rows: [
      ['NETLINK_ADD_MEMBERSHIP', uint32('the number of a group'), 'write'],
      ['NETLINK_BROADCAST_ERROR', flag],
      ['NETLINK_CAP_ACK', flag],
      ['NETLINK_DROP_MEMBERSHIP', uint32('the number of a group'), 'write'],
      ['NETLINK_EXT_ACK', flag],
      ['NETLINK_GET_STRICT_CHK', flag],
      ['NETLINK_LISTEN_ALL_NSID', flag, undefined, 'CAP_NET_BROADCAST'],
      ['NETLINK_LIST_MEMBERSHIPS', { ...groupList, takes: 'the numbers of the groups' }, 'read'],
      ['NETLINK_NO_ENOBUFS', flag],
      ['NETLINK_PKTINFO', flag],
      ['NETLINK_RX_RING', raw('struct nl_mmap_req', 16), 'write', 'gone since Linux 4.6'],
      ['NETLINK_TX_RING', raw('struct nl_mmap_req', 16), 'write', 'gone since Linux 4.6'],
    ],
  },
  {
    title: 'Packet sockets',
    level: 'SOL_PACKET',
    rows: [
      ['PACKET_ADD_MEMBERSHIP', PACKET_MEMBERSHIP, 'write'],
      ['PACKET_AUXDATA', flag],
      ['PACKET_COPY_THRESH', int('a number of bytes')],
      ['PACKET_DROP_MEMBERSHIP', PACKET_MEMBERSHIP, 'write'],
      ['PACKET_FANOUT', uint32('a group, its mode * 65536 and flags')],
      ['PACKET_FANOUT_DATA', raw('the instructions of a classic BPF program, or an int by number'), 'write'],
      ['PACKET_HDRLEN', int('a number of bytes'), 'read', 'of TPACKET_V1'],
      ['PACKET_IGNORE_OUTGOING', flag],
      ['PACKET_LOSS', flag],
      ['PACKET_ORIGDEV', flag],
      ['PACKET_QDISC_BYPASS', flag],
      ['PACKET_RECV_OUTPUT', flag, undefined, 'not in Linux, which only has the number'],
      ['PACKET_RESERVE', uint32('a number of bytes')],
      ['PACKET_ROLLOVER_STATS', struct({ all: 'uint64', huge: 'uint64', failed: 'uint64' }), 'read'],
      ['PACKET_RX_RING', raw('struct tpacket_req or tpacket_req3'), 'write'],
      [
        'PACKET_STATISTICS',
        struct({ packets: 'uint32', drops: 'uint32', freezes: 'uint32' }),
        'read',
        'since it was last read; freezes of TPACKET_V3',
      ],
      ['PACKET_TIMESTAMP', int('SOF_TIMESTAMPING_* together')],
      ['PACKET_TX_HAS_OFF', flag],
      ['PACKET_TX_RING', raw('struct tpacket_req or tpacket_req3'), 'write'],
      ['PACKET_TX_TIMESTAMP', int(), undefined, 'not in Linux, which only has the number'],
      ['PACKET_VERSION', words({ v1: 0, v2: 1, v3: 2 })],
      ['PACKET_VNET_HDR', flag],
      ['PACKET_VNET_HDR_SZ', int('a number of bytes: 0, 10 or 12')],
    ],
  },
  {
    title: 'CAN_RAW',
    level: 'SOL_CAN_RAW',
    rows: [
      ['CAN_RAW_ERR_FILTER', uint32('CAN_ERR_* together')],
      ['CAN_RAW_FD_FRAMES', flag],
      ['CAN_RAW_FILTER', canFilters],
      ['CAN_RAW_JOIN_FILTERS', flag],
      ['CAN_RAW_LOOPBACK', flag],
      ['CAN_RAW_RECV_OWN_MSGS', flag],
      ['CAN_RAW_XL_FRAMES', flag],
      ['CAN_RAW_XL_VCID_OPTS', struct({ flags: 'uint8', txVcid: 'uint8', rxVcid: 'uint8', rxVcidMask: 'uint8' })],
    ],
  },
  {
    title: 'CAN_ISOTP',
    level: 'SOL_CAN_ISOTP',
    rows: [
      ['CAN_ISOTP_LL_OPTS', struct({ mtu: 'uint8', txDl: 'uint8', txFlags: 'uint8' })],
      [
        'CAN_ISOTP_OPTS',
        struct({
          flags: 'uint32',
          frameTxtime: 'uint32',
          extAddress: 'uint8',
          txpadContent: 'uint8',
          rxpadContent: 'uint8',
          rxExtAddress: 'uint8',
        }),
      ],
      ['CAN_ISOTP_RECV_FC', struct({ bs: 'uint8', stmin: 'uint8', wftmax: 'uint8' })],
      ['CAN_ISOTP_RX_STMIN', uint32('nanoseconds')],
      ['CAN_ISOTP_TX_STMIN', uint32('nanoseconds')],
    ],
  },
  {
    title: 'CAN_J1939',
    level: 'SOL_CAN_J1939',
    rows: [
      ['SO_J1939_ERRQUEUE', flag],
      ['SO_J1939_FILTER', raw('struct j1939_filter[]'), 'write'],
      ['SO_J1939_PROMISC', flag],
      ['SO_J1939_SEND_PRIO', int('a priority', 0, 7)],
    ],
  },
  {
    title: 'Bluetooth',
    level: 'SOL_BLUETOOTH',
    rows: [
      ['BT_DEFER_SETUP', flag],
      ['BT_MODE', byte],
      ['BT_POWER', byte],
      ['BT_RCVMTU', int('a number of bytes')],
      ['BT_SECURITY', struct({ level: 'uint8', keySize: 'uint8' })],
      ['BT_SNDMTU', int('a number of bytes')],
    ],
  },
  {
    title: 'Bluetooth HCI',
    level: 'SOL_HCI',
    rows: [
      ['HCI_DATA_DIR', flag],
      ['HCI_FILTER', raw('struct hci_ufilter', 16)],
      ['HCI_TIME_STAMP', flag],
    ],
  },
  {
    title: 'The crypto of the kernel',
    level: 'SOL_ALG',
    rows: [
      ['ALG_SET_AEAD_AUTHSIZE', lengthAlone, 'write'],
      ['ALG_SET_KEY', raw('a key'), 'write'],
    ],
  },
];
