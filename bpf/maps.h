/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Everything that outlives one run of a program. Each map says who inserts, who deletes and who
 * reads.
 */
#ifndef DHR_MAPS_H
#define DHR_MAPS_H

/*
 * The way to user space. Inserts: emit.h alone. Reads: the recorder, through mmap; it also moves
 * the consumer position, which frees the space. Its size is set by the recorder before load.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024 * 1024);
} ring SEC(".maps");

/*
 * Exchanges are nearly all that is emitted, so each CPU has room of its own for them, in two
 * halves: one is filled from its start while the recorder reads the other. Unlike the ring it has
 * no lock, and it stays in the CPU's cache. It never loses an event: where it takes none, there is
 * the ring.
 */
struct dhr_cpu {
	__u64 at; /* high word: turn of the halves, odd while the second is filled; low: slots taken
		   */
	__u64 until; /* takes only what happens before: when the recorder is late, the ring keeps
			order */
	__u64 apart[14]; /* what two CPUs write must not share a cache line */
};

/*
 * By number of the CPU. Inserts and deletes: nobody. Writes: emit.h, and the recorder, through
 * mmap, when it changes halves. Its size, the CPUs that there are, is set by the recorder before
 * load.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dhr_cpu);
} cpus SEC(".maps");

/* An exchange as it would lie in the ring. */
struct dhr_slot {
	__u64 header; /* low word: length, as in the ring; high: the turn, once all else is written
		       */
	struct dhr_exchange exchange;
};

/*
 * All halves of all CPUs, one behind the other. Inserts: emit.h. Deletes: nobody; a half is written
 * over. Reads: the recorder, through mmap. Its size is set by the recorder before load.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dhr_slot);
} slots SEC(".maps");

/* Slots of one half. Set by the recorder before load. */
const volatile __u32 half_slots SEC(".rodata.slots") = 0;

/*
 * Events that found no room, by kind. Adds: emit.h. Deletes: nobody. Reads: the recorder, each
 * second, through mmap.
 */
__u64 lost[DHR_KIND_MAX] SEC(".data.lost") = {};

/* Where an exchange stands on one socket. */
enum dhr_phase {
	DHR_PHASE_IDLE = 0,
	DHR_PHASE_REQUEST = 1,
	DHR_PHASE_RESPONSE = 2,
};

/* What is known of one socket while it lives. Its presence means: this socket is being recorded. */
struct dhr_sock {
	__u64 cookie;
	__u64 start;	    /* of the current request */
	__u64 first;	    /* first response byte */
	__u64 last;	    /* last response byte so far */
	__u32 request_seq;  /* sequence number, client -> server, that `offset` stands for */
	__u32 request_end;  /* the same after its last byte; where a server's next request begins */
	__u32 response_seq; /* sequence number, server -> client, at the start of the request */
	__u32 isn_local;
	__u32 isn_remote;
	__u32 exchanges;
	__u32 offset;	  /* client -> server bytes before the current request */
	__u32 pid;	  /* last process that moved bytes on it */
	__u32 phase;	  /* enum dhr_phase; exchanged atomically where two may take the turn */
	__u16 flags;	  /* of the connection so far */
	__u16 turn_flags; /* of the current exchange */
	__u8 role;
	__u8 pad[7];
};

/*
 * Inserts: lifecycle.h (connect, established) and the first census. Deletes: the kernel, with the
 * socket. Reads and writes: every hook of that socket; the last flush reads.
 */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct dhr_sock);
} socks SEC(".maps");

struct dhr_port_key {
	__u32 netns;
	__u32 port;
};

/*
 * Ports that are listened on, with how many sockets do (SO_REUSEPORT). It tells a pre-existing
 * server's socket from a client's. Inserts: lifecycle.h and the first census. Deletes: lifecycle.h.
 * Reads: the first census.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct dhr_port_key);
	__type(value, __u32);
} listening SEC(".maps");

struct dhr_seen {
	__u64 started;
	char comm[16];
	__u32 telling; /* value of `telling` when it was told */
	__u32 pad;
};

/*
 * Processes already told, by thread group. Inserts: workload.h. Deletes: the kernel, least recently
 * used first (such a process is told again). Reads: workload.h.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct dhr_seen);
} seen SEC(".maps");

/*
 * The filters: ports, network namespaces, cgroup ids, ports to leave out. Inserts and deletes: the
 * recorder. Reads: filter.h, when a socket is met for the first time.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} filter_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u8);
} filter_netns SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u8);
} filter_cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} filter_excluded SEC(".maps");

/*
 * Containers that match the filter and have no cgroup yet, by the first half of their id. Inserts
 * and deletes: the recorder, when the engine creates one. Reads: workload.h, when a cgroup is born,
 * which is before the first process of the container runs.
 */
struct dhr_container_key {
	char id[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct dhr_container_key);
	__type(value, __u8);
} filter_containers SEC(".maps");

/*
 * Whose sockets a filter of ports took: cgroups, and the containers that they belong to. Only these
 * are told. Inserts: workload.h. Deletes: the kernel, least recently used first. Reads: workload.h
 * and the recorder.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u8);
} met_cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct dhr_container_key);
	__type(value, __u8);
} met_containers SEC(".maps");

/*
 * Switches, each in a section of its own so that the recorder can write it as a map of one value.
 *
 * While the last census runs, nothing new is recorded, or probes would fill the ring as fast as the
 * last drain empties it. But sockets that end meanwhile still say so: they are no more than were
 * open.
 */
enum dhr_gate {
	DHR_GATE_SHUT = 0,
	DHR_GATE_OPEN = 1,
	DHR_GATE_CLOSING = 2, /* only ends of sockets pass */
};
enum dhr_filter_bits {
	DHR_FILTER_PORTS = 1,
	DHR_FILTER_SCOPE = 2, /* namespaces or cgroups */
	DHR_FILTER_EXCLUDED = 4,
};
enum dhr_census_pass {
	DHR_CENSUS_LISTENERS = 0, /* fill `listening`, give out nothing */
	DHR_CENSUS_START = 1,	  /* give out rows, begin to record the sockets */
	DHR_CENSUS_END = 2,	  /* give out rows */
	/* These three are for the sockets that are being recorded. */
	DHR_CENSUS_RECORDED = 3, /* give out rows */
	DHR_CENSUS_TURNS = 4,	 /* give out copies of the exchanges that sockets hold */
	DHR_CENSUS_FLUSH = 5,	 /* the recording ends: these exchanges come out now */
};
__u32 gate SEC(".data.gate") = DHR_GATE_SHUT;
__u32 filters SEC(".data.filters") = 0;
__u32 census_pass SEC(".data.census") = DHR_CENSUS_LISTENERS;
/* Raised when a flight recorder begins a segment: what was told before is told again. */
__u32 telling SEC(".data.telling") = 0;

#endif
