# Writes what a kernel says into the corpus: addresses of sockets, control data, inotify events. Run once on Linux, by
# hand; what the fuzzer finds from there comes in by `npm run fuzz -- --minimise`.
# usage: python3 test/fuzz/seeds.py
import array
import ctypes
import os
import pathlib
import socket
import struct
import tempfile

corpus = pathlib.Path(__file__).parent / "corpus"
libc = ctypes.CDLL(None, use_errno=True)


def save(target, name, data):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def name_of(sock):
    """The bytes of getsockname(2), as Python does not give them."""
    buffer = ctypes.create_string_buffer(128)
    length = ctypes.c_uint(128)
    if libc.getsockname(sock.fileno(), buffer, ctypes.byref(length)) != 0:
        raise OSError(ctypes.get_errno(), "getsockname")
    return buffer.raw[: length.value]


def control_of(items):
    """As the kernel lays it out: a header of 16 bytes, data, padding to 8."""
    data = b""
    for level, kind, value in items:
        data += struct.pack("@Nii", 16 + len(value), level, kind) + value + bytes(-len(value) % 8)
    return data


def save_control(name, sock, flags=0):
    _, items, _, _ = sock.recvmsg(65536, 4096, flags)
    assert items, name
    control = control_of(items)
    save("control_data", name, bytes(2) + control)
    save("incoming", name, bytes([1, 1, 0, 0]) + control)
    save("datagram_control", name, bytes([0, 0]) + control)
    for level, kind, value in items:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            for fd in array.array("i", value):
                os.close(fd)


def addresses():
    folder = tempfile.mkdtemp()
    families = [
        ("inet", socket.AF_INET, ("127.0.0.1", 0)),
        ("inet6", socket.AF_INET6, ("::1", 0)),
        ("unix", socket.AF_UNIX, f"{folder}/socket"),
        ("abstract", socket.AF_UNIX, "\0name"),
        ("unnamed", socket.AF_UNIX, None),
        ("netlink", socket.AF_NETLINK, (0, 1)),
    ]
    for name, family, address in families:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            if address is not None:
                sock.bind(address)
            raw = name_of(sock)
            # A path of its own for everyone who runs this.
            save("address", f"kernel_{name}", bytes([0]) + raw.replace(folder.encode(), b"/tmp"))
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as sock:
        sock.bind(("lo", 0x0800))
        save("address", "kernel_packet", bytes([0]) + name_of(sock))
    save("address", "kernel_can", bytes([0]) + struct.pack("=Hxxi16x", 29, 3))
    save("address", "kernel_vsock", bytes([0]) + struct.pack("=HHIIB3x", 40, 0, 1024, 2, 0))
    for name, text in [("inet", b"192.0.2.1"), ("inet6", b"fe80::1"), ("mapped", b"::ffff:192.0.2.1")]:
        save("address", f"text_{name}", bytes([1]) + struct.pack("=HII", 80, 7, 0) + text)
    save("address", "text_unix", bytes([2]) + b"/run/some.sock")
    save("address", "text_hardware", bytes([3]) + struct.pack("=II", 2, 0x0800) + bytes.fromhex("02005e1000ff"))
    save("address", "text_interface", bytes([4]) + b"lo")


def inet():
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.bind(("127.0.0.1", 0))
    for level, option in [(0, 8), (0, 12), (0, 13), (1, 35), (1, 29)]:  # pktinfo, ttl, tos, timestamps
        a.setsockopt(level, option, 1)
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    b.setsockopt(0, 1, 0xB8)
    b.sendto(b"x", a.getsockname())
    save_control("kernel_inet", a)
    # UDP_GRO of what UDP_SEGMENT has split.
    a.setsockopt(17, 104, 1)
    b.sendmsg([bytes(300)], [(17, 103, struct.pack("@H", 100))], 0, a.getsockname())
    save_control("kernel_gro", a)
    # Nobody listens there: the error queue.
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.bind(("127.0.0.1", 0))
    nobody = closed.getsockname()
    closed.close()
    b.setsockopt(0, 11, 1)
    b.sendto(b"x", nobody)
    save_control("kernel_error", b, socket.MSG_ERRQUEUE)


def inet6():
    a = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    a.bind(("::1", 0))
    for option in [49, 51, 66]:  # pktinfo, hop limit, traffic class
        a.setsockopt(41, option, 1)
    b = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    b.sendto(b"x", a.getsockname())
    save_control("kernel_inet6", a)
    closed = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    closed.bind(("::1", 0))
    nobody = closed.getsockname()
    closed.close()
    b.setsockopt(41, 25, 1)
    b.sendto(b"x", nobody)
    save_control("kernel_error6", b, socket.MSG_ERRQUEUE)


def unix():
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    a.setsockopt(1, 16, 1)  # SO_PASSCRED
    socket.send_fds(b, [b"x"], [0, 1, 2])
    save_control("kernel_rights", a)
    b.send(b"x")
    save_control("kernel_credentials", a)


def inotify():
    folder = tempfile.mkdtemp()
    fd = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(fd, folder.encode(), 0xFFF)
    for name in ["a", "a name of more than sixteen bytes"]:
        with open(f"{folder}/{name}", "w") as file:
            file.write("x")
    os.rename(f"{folder}/a", f"{folder}/b")
    for name in os.listdir(folder):
        os.remove(f"{folder}/{name}")
    os.rmdir(folder)
    save("inotify_records", "kernel_folder", os.read(fd, 65536))
    save("inotify_records", "kernel_overflow", struct.pack("=iIII", -1, 0x4000, 0, 0))


addresses()
inet()
inet6()
unix()
inotify()
