/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The only file that the kernel side and the user side share: what one event is.
 *
 * src/capture/layout.gen.ts is generated from this file through the compiled object's BTF; never
 * write a layout by hand. A capture carries the layout it was recorded with, so a struct may grow
 * at its end (a reader takes the smaller of both sizes) and a retired kind keeps its number for
 * ever.
 *
 * Times are CLOCK_MONOTONIC nanoseconds. Addresses are 16 bytes in network order, IPv4 as
 * ::ffff:a.b.c.d. Ports are in host order. Everything else is in the order of the machine, which
 * the capture names.
 */
#ifndef DHR_EVENTS_H
#define DHR_EVENTS_H

enum dhr_kind {
	DHR_KIND_LISTEN = 1,
	DHR_KIND_CONNECT = 2,
	DHR_KIND_ESTABLISHED = 3,
	DHR_KIND_ACCEPT = 4,
	DHR_KIND_FIN = 5,
	DHR_KIND_CLOSE = 6,
	DHR_KIND_EXCHANGE = 7,
	DHR_KIND_RETRANSMIT = 8,
	DHR_KIND_RESET = 9,
	DHR_KIND_PROCESS = 10,
	DHR_KIND_CGROUP = 11,
	DHR_KIND_CENSUS = 12, /* never in the ring: rows of a CENSUS block */
	DHR_KIND_MAX = 16,    /* size of the per-kind loss counters */
};

enum dhr_role {
	DHR_ROLE_UNKNOWN = 0,
	DHR_ROLE_CLIENT = 1, /* opened actively */
	DHR_ROLE_SERVER = 2, /* came from a listener */
	DHR_ROLE_LISTENER = 3,
};

/* Bits of dhr_head.flags. Each bit means the same in every kind that carries it. */
enum dhr_flag {
	DHR_F_PREEXISTING = 1 << 0, /* the socket was there before the recording */
	DHR_F_DERIVED = 1 << 1,	    /* inferred at first use, not seen as it happened */
	DHR_F_ACCEPTED = 1 << 2,    /* a process held the socket at some time */
	DHR_F_FIN_SENT = 1 << 3,
	DHR_F_FIN_RECEIVED = 1 << 4,
	DHR_F_RST_SENT = 1 << 5,
	DHR_F_RST_RECEIVED = 1 << 6,
	/* exchanges only: why its times must stay out of percentiles, or how to read them */
	DHR_F_MICROS = 1 << 7,	     /* ttfb and total are in microseconds: longer than 2^32 ns */
	DHR_F_OVERLAP = 1 << 8,	     /* a request was sent while response bytes were still unread */
	DHR_F_SERVER_FIRST = 1 << 9, /* the server spoke before any request of this connection */
	DHR_F_AGE_MILLIS = 1 << 15,  /* age is in milliseconds: longer than 2^32 ns */
	DHR_F_NO_RESPONSE =
		1 << 10, /* the connection or the recording ended before a response byte */
	DHR_F_UNFINISHED = 1 << 11, /* the recording ended: the response may go on */
	/* retransmits only */
	DHR_F_SYN = 1 << 12,
	DHR_F_SYNACK = 1 << 13,
	/* cgroups only */
	DHR_F_DIED = 1 << 14,
};

/* Every event begins with this. `ts` is when the event was emitted. */
struct dhr_head {
	__u64 ts;
	__u16 kind;
	__u16 flags;
	__u32 pid; /* thread group; 0 where `current` is not the owner */
};

/* One end of a connection: who it is and whom it talks to. */
struct dhr_endpoint {
	__u64 cgroup;	/* id of the socket's cgroup in the v2 hierarchy */
	__u8 saddr[16]; /* local */
	__u8 daddr[16]; /* remote */
	__u32 netns;	/* inode of the network namespace */
	__u16 sport;	/* local, 0 where not bound yet */
	__u16 dport;	/* remote, 0 for a listener */
	__u8 family;	/* AF_INET 2, AF_INET6 10 */
	__u8 role;	/* enum dhr_role */
	__u8 pad[6];
};

/* A socket began to listen. */
struct dhr_listen {
	struct dhr_head head;
	__u64 cookie;
	struct dhr_endpoint end;
	__u32 backlog;
	__u32 pad;
};

/* A SYN is about to leave; head.pid is the process that connects. sport is usually not bound yet.
 */
struct dhr_connect {
	struct dhr_head head;
	__u64 cookie;
	struct dhr_endpoint end;
};

/* The handshake is done, at this end. The pair of ISNs, swapped, names the other end. */
struct dhr_established {
	struct dhr_head head;
	__u64 cookie;
	struct dhr_endpoint end;
	__u32 isn_local;
	__u32 isn_remote;
	__u64 listener; /* reserved: cookie of the listener where known, else 0 */
};

/* First sign that a process holds a server's socket: head.pid is that process. */
struct dhr_accept {
	struct dhr_head head;
	__u64 cookie;
};

/* A FIN was sent (F_FIN_SENT) or came in (F_FIN_RECEIVED). */
struct dhr_fin {
	struct dhr_head head;
	__u64 cookie;
	__u8 old_state;
	__u8 new_state;
	__u8 pad[6];
};

/* The socket's end; for a listener too (old_state 10). Byte counts leave out SYN and FIN. */
struct dhr_close {
	struct dhr_head head;
	__u64 cookie;
	__u64 bytes_sent;
	__u64 bytes_received;
	__u32 srtt_us;	   /* smoothed round trip time, 0 if never measured */
	__u32 retransmits; /* segments, SYN included */
	__u32 exchanges;   /* exchanges counted by the kernel on this socket */
	__u32 unread;	   /* bytes that had arrived and were never read */
	__u16 err;	   /* sk_err: why the kernel ended it, 0 if it did not */
	__u16 sport;	   /* local port, which CONNECT could not know */
	__u8 old_state;
	__u8 role; /* enum dhr_role */
	__u8 pad[2];
};

/*
 * One request-response turn, seen at one end; emitted when the next one starts or the socket
 * closes, so its times count back from head.ts. It is nearly all of a capture: every byte here is
 * paid twice a request.
 */
struct dhr_exchange {
	struct dhr_head head;
	__u64 cookie;
	__u32 offset; /* bytes client -> server before this request, modulo 2^32 */
	__u32 age; /* head.ts - age is the start: client: entry of the first send; server: its first
		      bytes read. ns, or ms with F_AGE_MILLIS */
	__u32 ttfb;  /* start to first response byte (client: received, server: sent), ns or us */
	__u32 total; /* start to last response byte, same unit */
	__u32 request_bytes;
	__u32 response_bytes;
};

/* A segment was sent again. For F_SYNACK the cookie is the listener's and the remote end stands
 * here. */
struct dhr_retransmit {
	struct dhr_head head;
	__u64 cookie;
	__u8 daddr[16];
	__u32 netns;
	__u16 sport;
	__u16 dport;
	__u8 state;
	__u8 pad[7];
};

/* A RST was sent (F_RST_SENT) or came in (F_RST_RECEIVED) on this socket. */
struct dhr_reset {
	struct dhr_head head;
	__u64 cookie;
	__u8 state;
	__u8 pad[7];
};

/* A process that owns sockets, the first time it is seen and whenever its name has changed. */
struct dhr_process {
	struct dhr_head head;
	__u64 cgroup;  /* id in the v2 hierarchy */
	__u64 started; /* monotonic ns, tells a reused pid from its former owner */
	__u32 ppid;
	__u32 pad;
	char comm[16]; /* of the main thread */
	char exe[32];  /* file name of the executable, without its folder */
};

/*
 * A cgroup was made, or removed (F_DIED). Its path names the container, however short its life.
 * Where a filter of ports decides what is recorded: the first recorded socket of a container's
 * cgroup (F_DERIVED), and its path is the cgroup's own name.
 */
struct dhr_cgroup {
	struct dhr_head head;
	__u64 id;
	__u32 hierarchy; /* always 0, the v2 hierarchy: ids are unique only within one */
	__u32 pad;
	char path[192];
};

/* One row of the census: one socket in one process. A socket shared by processes has several rows;
 * one that no process holds (in a listener's queue, or closed and not gone) has none but in the
 * first census of a flight recorder's segment. */
struct dhr_census {
	struct dhr_head head; /* head.pid: the owner */
	__u64 cookie;
	struct dhr_endpoint end;
	__u32 isn_local; /* 0 where it cannot be known */
	__u32 isn_remote;
	__u64 bytes_sent;
	__u64 bytes_received;
	__u64 owner_cgroup;
	__u8 state;
	__u8 pad[3];
	__u32 exchanges; /* counted by the kernel on this socket before this moment */
	char comm[16];
};

#define DHR_SIZE(type, bytes)                                                                      \
	_Static_assert(sizeof(struct type) == (bytes), #type " has changed size")
DHR_SIZE(dhr_head, 16);
DHR_SIZE(dhr_endpoint, 56);
DHR_SIZE(dhr_listen, 88);
DHR_SIZE(dhr_connect, 80);
DHR_SIZE(dhr_established, 96);
DHR_SIZE(dhr_accept, 24);
DHR_SIZE(dhr_fin, 32);
DHR_SIZE(dhr_close, 64);
DHR_SIZE(dhr_exchange, 48);
DHR_SIZE(dhr_retransmit, 56);
DHR_SIZE(dhr_reset, 32);
DHR_SIZE(dhr_process, 88);
DHR_SIZE(dhr_cgroup, 224);
DHR_SIZE(dhr_census, 136);
#undef DHR_SIZE

#endif
